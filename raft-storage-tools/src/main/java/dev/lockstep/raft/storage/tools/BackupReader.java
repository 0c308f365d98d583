package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.spi.SnapshotReader;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** A backup that was read and checked as a whole, the snapshot and every entry in it. */
final class BackupReader implements Content {
    private static final int BUFFER_BYTES = 1 << 18;

    private final Path file;
    private final Backup head;
    private final long headBytes;
    private @Nullable SnapshotMeta snapshot;
    private LogPosition last = LogPosition.ZERO;

    private BackupReader(Path file, Backup head, long headBytes) {
        this.file = file;
        this.head = head;
        this.headBytes = headBytes;
    }

    /**
     * @throws Refused when it isn't a whole backup
     */
    static BackupReader open(Path file) throws IOException {
        checkWhole(file);
        try (Counted counted = new Counted(file)) {
            DataInputStream in = new DataInputStream(counted);
            BackupReader reader = new BackupReader(file, Backup.readFrom(in), counted.read);
            reader.check();
            return reader;
        } catch (EOFException | IllegalArgumentException e) {
            throw damaged(file, "it makes no sense (" + e + ")");
        }
    }

    Backup head() {
        return head;
    }

    @Override
    public @Nullable SnapshotMeta snapshot() {
        return snapshot;
    }

    @Override
    public InputStream openSnapshot() throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
        in.skipNBytes(headBytes);
        return new Part(in, head.snapshotBytes());
    }

    @Override
    public void entries(Taker taker) throws IOException {
        try (Counted counted = new Counted(file)) {
            counted.skipNBytes(headBytes + head.snapshotBytes());
            DataInputStream in = new DataInputStream(counted);
            long end = Files.size(file) - Backup.END_BYTES;
            for (long i = 0; i < head.entries(); i++) {
                int code = in.readByte();
                long term = in.readLong();
                long index = in.readLong();
                long timestampMillis = in.readLong();
                int size = in.readInt();
                if (size < 0 || size > end - counted.read) {
                    throw damaged(file, "an entry of " + size + " bytes");
                }
                byte[] payload = in.readNBytes(size);
                taker.take(
                        List.of(
                                new Entry(
                                        term,
                                        index,
                                        EntryKind.ofCode(code),
                                        timestampMillis,
                                        Payload.wrap(payload))));
            }
        }
    }

    private void check() throws IOException {
        if (head.snapshotBytes() > 0) {
            try (InputStream in = openSnapshot()) {
                SnapshotReader reader = new SnapshotReader(in, "the snapshot in " + file);
                SnapshotId id = reader.finish();
                if (!reader.group().equals(head.group()) || id.bytes() != head.snapshotBytes()) {
                    throw damaged(file, "its snapshot is another one, " + id);
                }
                snapshot = reader.meta();
            }
        }
        last = base();
        entries(
                entries -> {
                    for (Entry entry : entries) {
                        if (entry.index() != last.index() + 1 || entry.term() < last.term()) {
                            throw damaged(file, entry + " can't follow " + last);
                        }
                        last = entry.position();
                    }
                });
        if (!last.equals(head.last()) || head.term() < last.term()) {
            throw damaged(file, "it ends at " + last + " instead of " + head.last());
        }
    }

    private static void checkWhole(Path file) throws IOException {
        CRC32C crc = new CRC32C();
        long size = Files.size(file);
        try (DataInputStream in =
                new DataInputStream(
                        new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES))) {
            if (size < Long.BYTES + Backup.END_BYTES) {
                throw damaged(file, "it has only " + size + " bytes");
            }
            byte[] part = new byte[1 << 16];
            boolean first = true;
            for (long left = size - Integer.BYTES; left > 0; ) {
                int count = in.readNBytes(part, 0, (int) Math.min(part.length, left));
                if (count == 0) {
                    throw damaged(file, "it got shorter while it was read");
                }
                if (first && ByteBuffer.wrap(part).getLong() != Backup.MAGIC) {
                    throw damaged(file, "it isn't one");
                }
                first = false;
                crc.update(part, 0, count);
                left -= count;
            }
            if (in.readInt() != (int) crc.getValue()) {
                throw damaged(file, "it fails its checksum");
            }
        }
    }

    private static Refused damaged(Path file, String what) {
        return new Refused(
                file
                        + " is no whole backup: "
                        + what
                        + ". Nothing was changed. Use another one; what this one holds can't be trusted.");
    }

    /** A file that is read from its beginning. */
    private static final class Counted extends InputStream {
        private final InputStream in;
        long read;

        Counted(Path file) throws IOException {
            in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
        }

        @Override
        public int read() throws IOException {
            int value = in.read();
            read += value < 0 ? 0 : 1;
            return value;
        }

        @Override
        public int read(byte[] target, int from, int count) throws IOException {
            int got = in.read(target, from, count);
            read += Math.max(0, got);
            return got;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    /** The next bytes of a stream, and then the end. */
    private static final class Part extends FilterInputStream {
        private long left;

        Part(InputStream in, long bytes) {
            super(in);
            left = bytes;
        }

        @Override
        public int read() throws IOException {
            int value = left == 0 ? -1 : super.read();
            left -= value < 0 ? 0 : 1;
            return value;
        }

        @Override
        public int read(byte[] target, int from, int count) throws IOException {
            if (left == 0 && count > 0) {
                return -1;
            }
            int got = super.read(target, from, (int) Math.min(count, left));
            left -= Math.max(0, got);
            return got;
        }
    }
}
