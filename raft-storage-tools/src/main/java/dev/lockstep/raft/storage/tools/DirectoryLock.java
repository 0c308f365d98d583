package dev.lockstep.raft.storage.tools;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Keeps hosts out of a directory while a tool is in it, and the tool out while a host is. */
final class DirectoryLock {
    private static final String FILE = "lock";

    private DirectoryLock() {}

    /**
     * For reading: several tools may share it. Makes no file, so the directory may be read-only.
     */
    static Closeable shared(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            return () -> {}; // no host was ever in it
        }
        return take(directory, FileChannel.open(file, StandardOpenOption.READ), true);
    }

    static Closeable exclusive(Path directory) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        directory.resolve(FILE),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        return take(directory, channel, false);
    }

    private static Closeable take(Path directory, FileChannel channel, boolean shared)
            throws IOException {
        try {
            FileLock lock = tryLock(channel, shared);
            if (lock == null) {
                throw new Refused(
                        directory
                                + " is in use: a host or another tool holds its lock. Nothing was read or changed. Stop the"
                                + " host first; what a running host writes can't be read consistently.");
            }
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel, boolean shared)
            throws IOException {
        try {
            return channel.tryLock(0, Long.MAX_VALUE, shared);
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }
}
