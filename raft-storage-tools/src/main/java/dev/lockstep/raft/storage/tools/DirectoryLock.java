package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.storage.StorageInspection;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Keeps hosts out of a directory while a tool is in it, and the tool out while a host is. */
final class DirectoryLock {
    private DirectoryLock() {}

    /**
     * For reading: several tools may share it. Makes no file, so the directory may be read-only.
     */
    static Closeable shared(Path directory) throws IOException {
        try {
            return take(directory, true);
        } catch (NoSuchFileException e) {
            return () -> {}; // no host was ever in it
        }
    }

    static Closeable exclusive(Path directory) throws IOException {
        return take(directory, false);
    }

    private static Closeable take(Path directory, boolean shared) throws IOException {
        Closeable lock = StorageInspection.lock(directory, shared);
        if (lock == null) {
            throw new Refused(
                    directory
                            + " is in use: a host or another tool holds its lock. Nothing was read or changed. Stop the"
                            + " host first; what a running host writes can't be read consistently.");
        }
        return lock;
    }
}
