package dev.lockstep.raft.storage;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Writes past the page cache ({@code O_DIRECT}), which saves large writes a copy and the device a
 * burst at the sync. It takes whole units of the file system, from memory that is aligned to them.
 * What it wrote is durable after a sync of the file through any channel, like other writes.
 */
final class DirectChannel implements Closeable {
    /** Memory that is aligned so suits every file system that direct writes are tried on. */
    static final int MOST_UNIT_BYTES = 4096;

    /** Below this the page cache was as fast, or faster. */
    static final int LEAST_BYTES = 128 << 10;

    private final FileChannel channel;
    private final int unit;

    /** Whether a write has come to an end. */
    private boolean works;

    DirectChannel(FileChannel channel, int unit) {
        this.channel = channel;
        this.unit = unit;
    }

    /** Null where the file system, the device or the platform doesn't do it. */
    static @Nullable DirectChannel open(Path path) {
        try {
            long unit = Files.getFileStore(path).getBlockSize();
            if (unit > MOST_UNIT_BYTES || Long.bitCount(unit) != 1) {
                return null;
            }
            FileChannel channel =
                    FileChannel.open(
                            path,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            ExtendedOpenOption.DIRECT);
            try {
                // Some file systems let it be opened and refuse it later, and a write must not be
                // what finds that out.
                int bytes = (int) unit;
                channel.read(ByteBuffer.allocateDirect(2 * bytes).alignedSlice(bytes), 0);
                return new DirectChannel(channel, bytes);
            } catch (IOException e) {
                channel.close();
                return null;
            }
        } catch (IOException | UnsupportedOperationException e) {
            return null;
        }
    }

    /** How many bytes from here on it takes, after {@link #unaligned}; 0 when it isn't worth it. */
    int suited(ByteBuffer source, long position) {
        int unaligned = unaligned(position);
        int whole = (source.remaining() - unaligned) / unit * unit;
        boolean suits =
                whole >= LEAST_BYTES
                        && source.isDirect()
                        && source.alignmentOffset(source.position() + unaligned, unit) == 0;
        return suits ? whole : 0;
    }

    /** How many bytes from here on come before a whole unit. */
    int unaligned(long position) {
        return (int) (-position & (unit - 1));
    }

    /**
     * Writes all that remains.
     *
     * @return false when the first write of all comes to nothing: an empty file doesn't show before
     *     that it isn't to be written so
     */
    boolean write(ByteBuffer source, long position) throws IOException {
        int start = source.position();
        long at = position;
        try {
            while (source.hasRemaining()) {
                at += channel.write(source, at);
            }
        } catch (IOException e) {
            if (works || source.position() > start) {
                throw e;
            }
            return false;
        }
        works = true;
        return true;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
