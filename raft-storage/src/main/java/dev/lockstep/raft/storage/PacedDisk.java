package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.StorageException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A disk that writes the snapshots that are being made at a pace, and all else at once. */
final class PacedDisk implements Disk {
    private final Disk disk;
    private final Pace pace;

    PacedDisk(Disk disk, Pace pace) {
        this.disk = disk;
        this.pace = pace;
    }

    @Override
    public long usableBytes() throws IOException {
        return disk.usableBytes();
    }

    @Override
    public Closeable lock() throws StorageException, IOException {
        return disk.lock();
    }

    @Override
    public List<String> list() throws IOException {
        return disk.list();
    }

    @Override
    public File create(String name) throws IOException {
        File made = disk.create(name);
        return SnapshotName.isAside(name) ? new PacedFile(made, pace) : made;
    }

    @Override
    public File open(String name) throws IOException {
        return disk.open(name);
    }

    @Override
    public File openToRead(String name) throws IOException {
        return disk.openToRead(name);
    }

    @Override
    public File openToProve(String name) throws IOException {
        return disk.openToProve(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
        disk.delete(name);
    }

    @Override
    public void syncDirectory() throws IOException {
        disk.syncDirectory();
    }

    @Override
    public String toString() {
        return disk.toString();
    }

    private record PacedFile(File file, Pace pace) implements File {
        @Override
        public String name() {
            return file.name();
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return file.read(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            int bytes = source.remaining();
            file.write(source, position);
            pace.wrote(bytes);
        }

        @Override
        public void sync() throws IOException {
            file.sync();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
