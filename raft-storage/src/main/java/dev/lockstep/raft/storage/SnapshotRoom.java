package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.DiskFullException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.BooleanSupplier;

/**
 * Keeps snapshots from taking the room that the log needs next: two segments of it. Without that
 * one would be written until the disk is full, deleted, and fetched again, over and over, while the
 * log finds no room either. Where the log has none anyhow, or is at its bound, there is nothing to
 * keep, and a snapshot is what frees some of it.
 */
final class SnapshotRoom {
    private static final int KEPT_SEGMENTS = 2;

    /** So much of a segment is little: no snapshot of that size is what fills a disk. */
    private static final int LITTLE_PART = 16;

    private final Disk disk;
    private final long segmentBytes;
    private final long littleBytes;
    private final BooleanSupplier logIsFull;

    /**
     * @param logIsFull whether the log is at its bound; asked by any thread
     */
    SnapshotRoom(Disk disk, long segmentBytes, BooleanSupplier logIsFull) {
        this.disk = disk;
        this.segmentBytes = segmentBytes;
        this.littleBytes = segmentBytes / LITTLE_PART;
        this.logIsFull = logIsFull;
    }

    /**
     * @param left how many bytes of it are to be written yet
     * @throws DiskFullException when there is no room for that beside what the log needs
     */
    void checkFor(String snapshot, long left) throws IOException {
        check(snapshot, left, left > littleBytes);
    }

    /**
     * Looks again where a file has grown to that size, with the next part of it.
     *
     * @param left as above
     */
    void checkAgain(String snapshot, long bytes, int part, long left) throws IOException {
        if (bytes / littleBytes != (bytes + part) / littleBytes) {
            checkFor(snapshot, left);
        }
    }

    /** For a snapshot whose size isn't known before it is written. */
    OutputStream watch(String snapshot, OutputStream out) {
        return new OutputStream() {
            private long unchecked;

            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int count) throws IOException {
                unchecked += count;
                if (unchecked > littleBytes) {
                    unchecked = 0;
                    check(snapshot, count, true);
                }
                out.write(bytes, from, count);
            }
        };
    }

    private void check(String snapshot, long left, boolean leavesRoom) throws IOException {
        long usable = disk.usableBytes();
        boolean logNeedsSome = usable >= segmentBytes && !logIsFull.getAsBoolean();
        long kept = leavesRoom && logNeedsSome ? KEPT_SEGMENTS * segmentBytes : 0;
        if (usable - kept < left) {
            throw new DiskFullException(
                    snapshot
                            + " in "
                            + disk
                            + " takes "
                            + left
                            + " bytes more, and the disk has "
                            + usable
                            + (kept == 0 ? "" : ", of which the log needs " + kept));
        }
    }
}
