package dev.lockstep.raft.testkit.disk;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.storage.Disk;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** A {@link SimulatedDisk} as one process sees it, for as long as it lives. */
final class MountedDisk implements Disk {
    private final SimulatedDisk disk;
    private final Directory directory;
    private final int life;

    MountedDisk(SimulatedDisk disk, Directory directory, int life) {
        this.disk = disk;
        this.directory = directory;
        this.life = life;
    }

    @Override
    public Closeable lock() throws IOException {
        disk.before(DiskOperation.OPEN, "lock", life);
        if (!disk.takeLock()) {
            throw new StorageException(
                    new Fault(
                            Fault.Code.DIRECTORY_LOCKED,
                            this + " is used by another process; stop it first"));
        }
        return () -> disk.releaseLock(life);
    }

    @Override
    public List<String> list() throws IOException {
        disk.before(DiskOperation.LIST, "", life);
        return directory.names();
    }

    @Override
    public File create(String file) throws IOException {
        boolean crashes = disk.before(DiskOperation.CREATE, file, life);
        disk.checkWritable(file);
        OpenFile opened = new OpenFile(disk, file, directory.create(file), life);
        disk.faults().after(crashes);
        return opened;
    }

    @Override
    public File open(String file) throws IOException {
        disk.before(DiskOperation.OPEN, file, life);
        disk.checkWritable(file); // as the system does where a file is opened to be written
        return new OpenFile(disk, file, directory.existing(file), life);
    }

    @Override
    public File openToRead(String file) throws IOException {
        disk.before(DiskOperation.OPEN, file, life);
        return new OpenFile(disk, file, directory.existing(file), life);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        boolean crashes = disk.before(DiskOperation.RENAME, from, life);
        disk.checkWritable(from);
        directory.rename(from, to);
        disk.faults().after(crashes);
    }

    @Override
    public void delete(String file) throws IOException {
        boolean crashes = disk.before(DiskOperation.DELETE, file, life);
        disk.checkWritable(file);
        directory.delete(file);
        disk.faults().after(crashes);
    }

    @Override
    public void syncDirectory() throws IOException {
        boolean crashes = disk.before(DiskOperation.SYNC_DIRECTORY, "", life);
        if (disk.faults().syncFails("")) {
            throw new IOException("Input/output error: sync of directory " + this);
        }
        directory.sync();
        disk.faults().after(crashes);
    }

    @Override
    public String toString() {
        return disk.toString();
    }
}
