package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.storage.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A file of a {@link ViewDisk}: what is written to it stays in memory. */
final class ViewFile {
    private static final int PAGE_BYTES = 4096;

    private final @Nullable Path original;

    /** From here on the original isn't shown: zeros are. */
    private final long shownUntil;

    private final TreeMap<Long, byte[]> written = new TreeMap<>();
    private long size;

    /**
     * @param original null for a file that was made in the view
     */
    ViewFile(@Nullable Path original, long size, long shownUntil) {
        this.original = original;
        this.size = size;
        this.shownUntil = shownUntil;
    }

    Disk.File open(String name) throws IOException {
        return new Handle(
                name,
                original == null ? null : FileChannel.open(original, StandardOpenOption.READ));
    }

    private final class Handle implements Disk.File {
        private final String name;
        private final @Nullable FileChannel channel;

        Handle(String name, @Nullable FileChannel channel) {
            this.name = name;
            this.channel = channel;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            int count = (int) Math.max(0, Math.min(target.remaining(), size - position));
            for (int done = 0; done < count; ) {
                long at = position + done;
                int inPage = (int) (at % PAGE_BYTES);
                int part = Math.min(count - done, PAGE_BYTES - inPage);
                byte[] page = written.get(at / PAGE_BYTES);
                if (page != null) {
                    target.put(page, inPage, part);
                } else {
                    target.put(original(at, part));
                }
                done += part;
            }
            return count;
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            for (long at = position; source.hasRemaining(); ) {
                int inPage = (int) (at % PAGE_BYTES);
                int part = Math.min(source.remaining(), PAGE_BYTES - inPage);
                long number = at / PAGE_BYTES;
                byte[] page = written.get(number);
                if (page == null) {
                    page = original(number * PAGE_BYTES, PAGE_BYTES);
                    written.put(number, page);
                }
                source.get(page, inPage, part);
                at += part;
                size = Math.max(size, at);
            }
        }

        /** Zeros where the original has nothing to show. */
        private byte[] original(long position, int count) throws IOException {
            byte[] bytes = new byte[count];
            if (channel == null || position >= shownUntil) {
                return bytes;
            }
            ByteBuffer target = ByteBuffer.wrap(bytes);
            target.limit((int) Math.min(count, shownUntil - position));
            boolean more = true;
            while (more && target.hasRemaining()) {
                more = channel.read(target, position + target.position()) >= 0;
            }
            Arrays.fill(bytes, target.position(), count, (byte) 0);
            return bytes;
        }

        @Override
        public void sync() {}

        @Override
        public void close() throws IOException {
            if (channel != null) {
                channel.close();
            }
        }
    }
}
