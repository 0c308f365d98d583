package dev.lockstep.raft.storage;

/**
 * What is done, and when, to keep the log within its bound. Two segments of it are set aside: one
 * is made ahead, and one holds what must be written even when the log is full.
 *
 * @param bytes of all segments, spare ones included
 * @param segmentBytes of an ordinary segment
 */
record LogBound(long bytes, long segmentBytes) {
    static final long DEFAULT_BYTES = 4L << 30;
    static final int LEAST_SEGMENTS = 4;

    LogBound {
        if (bytes < LEAST_SEGMENTS * segmentBytes) {
            throw new IllegalArgumentException(
                    "the log must have room for "
                            + LEAST_SEGMENTS
                            + " segments of "
                            + segmentBytes
                            + " bytes: "
                            + bytes);
        }
    }

    /**
     * Old segments are freed by writing their entries forward when one part of so many is entries
     * that are still needed: at first only where that costs next to nothing, since groups that are
     * in use will drop theirs soon.
     */
    int cleanedPart(long used) {
        if (used > usable() / 2) {
            return 2;
        }
        return used > usable() / 8 ? 8 : 32;
    }

    /** Whether groups should take snapshots for the sake of the log. */
    boolean isCrowded(long used) {
        return used > usable() / 4 * 3;
    }

    /** Whether entries should be taken no more. */
    boolean isFull(long used) {
        return used > usable();
    }

    /** Whether the file of a segment that isn't needed any more may be kept. */
    boolean maySpare(long used, int spares) {
        return used + (spares + 2) * segmentBytes <= bytes;
    }

    private long usable() {
        return bytes - 2 * segmentBytes;
    }
}
