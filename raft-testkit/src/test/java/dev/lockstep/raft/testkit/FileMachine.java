package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.DurableStateMachine;
import dev.lockstep.raft.spi.Note;
import dev.lockstep.raft.spi.SnapshotSource;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;

/**
 * A sum in a database of its own: a file to which each commit appends one record with all that it
 * changes. A record that isn't whole ends the file when it is opened.
 *
 * <pre>
 *   u32 bytes of the rest, u32 CRC-32C of them
 *   u8  whether all before is void, u64 the sum
 *   u32 notes; each u64 key, u32 size or -1 when it is removed, its bytes
 * </pre>
 */
final class FileMachine implements DurableStateMachine, AutoCloseable {
    private static final int HEAD_BYTES = 8;

    private final FileChannel file;

    /** Where all bytes before are synced. */
    volatile long syncedBytes;

    /** How many commands it has run itself. */
    final AtomicInteger applied = new AtomicInteger();

    /** How often a view of the state was taken. */
    final AtomicInteger views = new AtomicInteger();

    /** How many of those views were let go. */
    final AtomicInteger released = new AtomicInteger();

    volatile boolean failsToSync;
    volatile boolean failsToRestore;

    private long sum;
    private boolean isVoid;

    FileMachine(Path path) throws IOException {
        file =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        syncedBytes = file.size();
    }

    @Override
    public List<Note> open() throws IOException {
        TreeMap<Long, Note> notes = new TreeMap<>();
        sum = 0;
        isVoid = false;
        long at = 0;
        for (ByteBuffer record = read(at); record != null; record = read(at)) {
            at += HEAD_BYTES + record.remaining();
            if (record.get() == 1) {
                notes.clear();
            }
            sum = record.getLong();
            for (int left = record.getInt(); left > 0; left--) {
                long key = record.getLong();
                int size = record.getInt();
                if (size < 0) {
                    notes.remove(key);
                } else {
                    byte[] value = new byte[size];
                    record.get(value);
                    notes.put(key, new Note(key, Payload.wrap(value)));
                }
            }
        }
        file.truncate(at);
        file.position(at);
        return List.copyOf(notes.values());
    }

    /** Null where there is no whole record. */
    private ByteBuffer read(long at) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
        if (file.read(head, at) < HEAD_BYTES) {
            return null;
        }
        head.flip();
        int size = head.getInt();
        if (size > file.size() - at - HEAD_BYTES) {
            return null;
        }
        ByteBuffer record = ByteBuffer.allocate(size);
        file.read(record, at + HEAD_BYTES);
        record.flip();
        return checksum(record) == head.getInt() ? record : null;
    }

    @Override
    public void commit(List<Note> notes) throws IOException {
        int size = 13;
        for (Note note : notes) {
            size += 12 + (note.value() == null ? 0 : note.value().size());
        }
        ByteBuffer record = ByteBuffer.allocate(size);
        record.put((byte) (isVoid ? 1 : 0)).putLong(sum).putInt(notes.size());
        for (Note note : notes) {
            record.putLong(note.key()).putInt(note.value() == null ? -1 : note.value().size());
            if (note.value() != null) {
                note.value().writeTo(record);
            }
        }
        record.flip();
        ByteBuffer all = ByteBuffer.allocate(HEAD_BYTES + size);
        all.putInt(size).putInt(checksum(record)).put(record.duplicate()).flip();
        while (all.hasRemaining()) {
            int unusedCount = file.write(all);
        }
        isVoid = false;
    }

    private static int checksum(ByteBuffer record) {
        CRC32C checksum = new CRC32C();
        checksum.update(record.duplicate());
        return (int) checksum.getValue();
    }

    @Override
    public void sync() throws IOException {
        if (failsToSync) {
            throw new IOException("the disk of the store is gone");
        }
        long bytes = file.size();
        file.force(true);
        syncedBytes = bytes;
    }

    @Override
    public void clear() throws IOException {
        file.truncate(0);
        file.force(true);
        sum = 0;
        syncedBytes = 0;
    }

    @Override
    public Payload apply(Command command) {
        applied.incrementAndGet();
        sum += command.payload().asLong();
        return Payload.of(sum);
    }

    @Override
    public OptionalLong stateHash() {
        return OptionalLong.of(sum);
    }

    @Override
    public Payload query(Payload question) {
        return Payload.of(sum);
    }

    @Override
    public SnapshotSource snapshot() {
        long frozen = sum;
        views.incrementAndGet();
        return new SnapshotSource() {
            @Override
            public void writeTo(DataOutputStream out) throws IOException {
                out.writeLong(frozen);
            }

            @Override
            public void close() {
                released.incrementAndGet();
            }
        };
    }

    @Override
    public void restore(DataInputStream in) throws IOException {
        if (failsToRestore) {
            throw new IOException("no room in the store");
        }
        sum = in.readLong();
        isVoid = true;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
