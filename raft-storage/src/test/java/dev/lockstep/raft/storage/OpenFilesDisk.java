package dev.lockstep.raft.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Knows which files are open, one name for each time, and refuses what it is told to refuse.
 *
 * @param openFiles names, in the order of their opening
 * @param refused what fails, now
 */
record OpenFilesDisk(CrashDisk disk, List<String> openFiles, List<Refused> refused)
        implements DelegatingDisk {
    /** A way to change the directory that fails with an exception. */
    record Refused(Change change, IOException why) {}

    enum Change {
        RENAME,
        DELETE,
        WRITE
    }

    OpenFilesDisk(CrashDisk disk) {
        this(disk, new ArrayList<>(), new ArrayList<>());
    }

    void refuse(Change change, IOException why) {
        refused.add(new Refused(change, why));
    }

    private void check(Change change) throws IOException {
        for (Refused each : refused) {
            if (each.change() == change) {
                throw each.why();
            }
        }
    }

    @Override
    public Disk.File create(String name) throws IOException {
        return opened(disk.create(name));
    }

    @Override
    public Disk.File open(String name) throws IOException {
        return opened(disk.open(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        check(Change.RENAME);
        disk.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
        check(Change.DELETE);
        disk.delete(name);
    }

    @Override
    public String toString() {
        return disk.toString();
    }

    private Disk.File opened(Disk.File file) {
        openFiles.add(file.name());
        return new OpenFile(this, file);
    }

    private record OpenFile(OpenFilesDisk owner, Disk.File file) implements DelegatingDisk.File {
        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            owner.check(Change.WRITE);
            file.write(source, position);
        }

        @Override
        public void close() throws IOException {
            owner.openFiles.remove(file.name());
            file.close();
        }
    }
}
