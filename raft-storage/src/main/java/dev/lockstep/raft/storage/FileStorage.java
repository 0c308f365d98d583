package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * Keeps the log of all groups of a host in one directory: an {@code identity} and segments of fixed
 * size, made ahead. The format is described in {@code docs/disk-format.md}. Immutable; each {@code
 * with} method returns a copy.
 */
public final class FileStorage implements Storage {
    private static final int LEAST_SEGMENT_BYTES = 8 << 10;
    private static final int MOST_SEGMENT_BYTES = 1 << 30;
    private static final int SEGMENT_BYTES_STEP = 4 << 10;
    private static final int SEGMENT_BYTES = 64 << 20;

    private final DiskOpener opener;
    private final RandomGenerator random;
    private final Executor executor;
    private final int segmentBytes;
    private final long logBytes;
    private final long snapshotBytesPerSecond;

    private interface DiskOpener {
        Disk open() throws IOException;
    }

    private FileStorage(
            DiskOpener opener,
            RandomGenerator random,
            Executor executor,
            int segmentBytes,
            long logBytes,
            long snapshotBytesPerSecond) {
        this.opener = opener;
        this.random = random;
        this.executor = executor;
        this.segmentBytes = segmentBytes;
        this.logBytes = logBytes;
        this.snapshotBytesPerSecond = snapshotBytesPerSecond;
    }

    /**
     * @param directory for one host alone; made when it doesn't exist. It must be on a file system
     *     of this machine that honours fsync and file locks
     */
    public static FileStorage in(Path directory) {
        return new FileStorage(
                () -> FileSystemDisk.in(directory),
                new SecureRandom(),
                FileStorage::startThread,
                SEGMENT_BYTES,
                LogBound.DEFAULT_BYTES,
                0);
    }

    /**
     * For simulation: the same calls on the same disk with the same random numbers do the same, all
     * of it in the caller's thread.
     *
     * @param random where every UUID, nonce and generation comes from
     */
    public static FileStorage on(Disk disk, RandomGenerator random) {
        return on(disk, random, Runnable::run);
    }

    static FileStorage on(Disk disk, RandomGenerator random, Executor executor) {
        return new FileStorage(
                () -> disk, random, executor, SEGMENT_BYTES, LogBound.DEFAULT_BYTES, 0);
    }

    /**
     * The size of segments made from now on; 64 MiB by default. A record that doesn't fit gets a
     * larger one.
     *
     * @param bytes a multiple of 4 KiB, from 8 KiB to 1 GiB
     * @throws IllegalArgumentException when it isn't
     */
    public FileStorage withSegmentBytes(int bytes) {
        if (bytes < LEAST_SEGMENT_BYTES
                || bytes > MOST_SEGMENT_BYTES
                || bytes % SEGMENT_BYTES_STEP != 0) {
            throw new IllegalArgumentException(
                    "a segment must have a multiple of "
                            + SEGMENT_BYTES_STEP
                            + " bytes, from "
                            + LEAST_SEGMENT_BYTES
                            + " to "
                            + MOST_SEGMENT_BYTES
                            + ": "
                            + bytes);
        }
        return new FileStorage(opener, random, executor, bytes, logBytes, snapshotBytesPerSecond);
    }

    /**
     * About the most that all segments of the log take together; 4 GiB by default. Entries that
     * keep old segments are written forward, at half of it even where many are; at three quarters
     * groups are asked to take snapshots; and when it is full, {@link LogStore#isFull} says so,
     * while what was on its way is still taken.
     *
     * @param bytes at least four segments
     * @throws IllegalArgumentException from {@link #open}, when it is less
     */
    public FileStorage withLogBytes(long bytes) {
        return new FileStorage(
                opener, random, executor, segmentBytes, bytes, snapshotBytesPerSecond);
    }

    /**
     * How fast snapshots are written, those that are taken here and those that are fetched from
     * other hosts, all together, so that they leave the disk and the network to the log; no limit
     * by default. A snapshot that takes longer keeps the log behind it longer, too.
     *
     * @param bytes at least 1; 0 for no limit
     * @throws IllegalArgumentException when it is less
     */
    public FileStorage withSnapshotBytesPerSecond(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException(
                    "snapshots are written at so many bytes per second, or 0 for no limit: "
                            + bytes);
        }
        return new FileStorage(opener, random, executor, segmentBytes, logBytes, bytes);
    }

    /**
     * {@inheritDoc}
     *
     * @throws StorageException {@code DIRECTORY_LOCKED}, {@code WRONG_DIRECTORY}, {@code
     *     INCOMPATIBLE_VERSION}, {@code DISK_FULL}, {@code LOG_CORRUPT} with file and offset, or
     *     {@code LOG_GAP} with the file; nothing was changed
     */
    @Override
    public LogStore open(ClusterId cluster, NodeId node) throws IOException {
        LogBound bound = new LogBound(logBytes, segmentBytes);
        Disk disk = opener.open();
        Disk paced =
                snapshotBytesPerSecond == 0
                        ? disk
                        : new PacedDisk(disk, Pace.of(snapshotBytesPerSecond));
        try {
            return new Opening(paced, random, executor, bound).open(cluster, node);
        } catch (DiskFullException e) {
            throw new StorageException(
                    new Fault(
                            Fault.Code.DISK_FULL,
                            "a host can't be started in "
                                    + disk
                                    + ": "
                                    + e.getMessage()
                                    + ". Nothing is lost, and nothing of the log was changed. Make room, or"
                                    + " make the disk writable, and start it again; delete nothing in that"
                                    + " directory."),
                    e);
        }
    }

    private static void startThread(Runnable work) {
        Thread thread = new Thread(work, "lockstep-wal-prepare");
        thread.setDaemon(true);
        thread.start();
    }
}
