package dev.lockstep.raft.testkit.disk;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.storage.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;

/** A file that one life of a process has opened. */
final class OpenFile implements Disk.File {
    private final SimulatedDisk disk;
    private final String name;
    private final StoredFile stored;
    private final int life;
    private boolean closed;

    OpenFile(SimulatedDisk disk, String name, StoredFile stored, int life) {
        this.disk = disk;
        this.name = name;
        this.stored = stored;
        this.life = life;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long size() throws IOException {
        before(DiskOperation.READ);
        return stored.size();
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        before(DiskOperation.READ);
        if (disk.faults().readFails(name)) {
            throw new IOException("Input/output error: read of " + name + " at " + position);
        }
        return stored.read(target, position);
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
        boolean crashes = before(DiskOperation.WRITE);
        disk.checkWritable(name);
        byte[] bytes = new byte[source.remaining()];
        source.get(bytes);
        long grows = Math.max(0, position + bytes.length - stored.size());
        if (grows > 0 && grows > disk.freeBytes()) {
            // The kernel writes what still fits before it says so.
            int fits = (int) Math.max(0, bytes.length - grows);
            stored.write(Arrays.copyOf(bytes, fits), position);
            disk.faults().full();
            throw new DiskFullException("No space left on device: " + name);
        }
        if (disk.copiesOnWrite() && disk.freeBytes() <= 0) {
            // What was written before is written to a new place, which there isn't.
            int fits = disk.random().nextInt(bytes.length / Sectors.BYTES + 1) * Sectors.BYTES;
            stored.write(Arrays.copyOf(bytes, fits), position);
            disk.faults().full();
            throw new DiskFullException("No space left on device: " + name);
        }
        if (crashes) {
            // The process may be gone in the middle of a write, but not of a sector: the kernel
            // looks for signals between pages.
            boolean all = disk.random().chance(0.3);
            int kept = all ? bytes.length : disk.random().nextInt(bytes.length + 1);
            int inSector = (int) ((position + kept) % Sectors.BYTES);
            bytes =
                    kept == bytes.length
                            ? bytes
                            : Arrays.copyOf(bytes, Math.max(0, kept - inSector));
        }
        stored.write(bytes, position);
        disk.faults().after(crashes);
    }

    @Override
    public void sync() throws IOException {
        boolean crashes = before(DiskOperation.SYNC);
        if (disk.faults().syncFails(name)) {
            stored.failSync(disk.random());
            throw new IOException("Input/output error: sync of " + name);
        }
        if (!crashes || disk.random().nextBoolean()) {
            stored.sync();
        }
        disk.faults().after(crashes);
    }

    @Override
    public void close() {
        closed = true;
    }

    private boolean before(DiskOperation operation) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        return disk.before(operation, name, life);
    }
}
