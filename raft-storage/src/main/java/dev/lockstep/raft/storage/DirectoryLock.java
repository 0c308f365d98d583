package dev.lockstep.raft.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The lock of a directory, held. The system's lock keeps other processes out, and belongs to the
 * process: whichever of its channels of that file is closed, the lock is gone. So a process that
 * holds a directory doesn't open that file again; it knows what it holds.
 */
final class DirectoryLock implements Closeable {
    static final String FILE = "lock";

    /** The real paths of directories that this process holds. */
    private static final Set<Path> HELD = new HashSet<>();

    /**
     * Never closed: others of this process hold the lock who aren't in {@link #HELD}, such as a
     * copy of this class that another class loader has.
     */
    private static final List<FileChannel> OTHERS = new ArrayList<>();

    private final Path held;
    private final FileChannel channel;
    private boolean closed;

    private DirectoryLock(Path held, FileChannel channel) {
        this.held = held;
        this.channel = channel;
    }

    /** For who writes; null when anybody else is in the directory. Makes the file. */
    static @Nullable DirectoryLock exclusive(Path directory) throws IOException {
        return take(directory, false, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /**
     * For who reads, in several processes at once; null when somebody of this process is in the
     * directory, or who writes.
     *
     * @throws java.nio.file.NoSuchFileException when no host was ever in it
     */
    static @Nullable DirectoryLock shared(Path directory) throws IOException {
        return take(directory, true, StandardOpenOption.READ);
    }

    private static @Nullable DirectoryLock take(
            Path directory, boolean shared, StandardOpenOption... options) throws IOException {
        Path real = directory.toRealPath();
        synchronized (HELD) {
            if (HELD.contains(real)) {
                return null;
            }
            FileChannel channel = FileChannel.open(real.resolve(FILE), options);
            boolean keep = false;
            try {
                FileLock lock = channel.tryLock(0, Long.MAX_VALUE, shared);
                keep = lock != null && HELD.add(real);
                return keep ? new DirectoryLock(real, channel) : null;
            } catch (OverlappingFileLockException e) {
                keep = OTHERS.add(channel);
                return null;
            } finally {
                if (!keep) {
                    channel.close();
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (HELD) {
            if (closed) {
                return; // somebody else may hold it by now
            }
            closed = true;
            try {
                channel.close();
            } finally {
                HELD.remove(held);
            }
        }
    }
}
