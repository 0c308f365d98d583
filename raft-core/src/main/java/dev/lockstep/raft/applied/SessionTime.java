package dev.lockstep.raft.applied;

import java.nio.ByteBuffer;

/**
 * The time by which sessions expire (§6.3). It runs with the timestamps of the log, which are the
 * clocks of its leaders; but from one entry to the next by a quarter of the sessions' timeout at
 * the most, so that a leader whose clock is far ahead ends no session whose client is there. In a
 * group that is idle the leader has an entry made often enough for it to run.
 */
final class SessionTime {
    static final int BYTES = 8 + 8 + 8;
    private static final int STEPS_IN_TIMEOUT = 4;

    private long nowMillis;

    /** The newest timestamp in the log. */
    private long stampMillis;

    private long mostMillis;

    /** An entry said what the timeout is now. */
    void timeout(long millis) {
        mostMillis = Math.max(1, millis / STEPS_IN_TIMEOUT);
    }

    /** Timestamps in the log never go back. */
    void pass(long entryMillis) {
        nowMillis += Math.min(entryMillis - stampMillis, mostMillis);
        stampMillis = entryMillis;
    }

    long nowMillis() {
        return nowMillis;
    }

    /** Whether it would lag behind an entry made at that time, if that were made any later. */
    boolean needsEntry(long wallMillis) {
        return wallMillis - stampMillis >= mostMillis;
    }

    /** What it would be after an entry that is made at that time. */
    long after(long wallMillis) {
        return nowMillis + Math.max(0, Math.min(wallMillis - stampMillis, mostMillis));
    }

    long hash(long from) {
        return Mix.of(Mix.of(from, nowMillis), mostMillis);
    }

    void writeTo(ByteBuffer bytes) {
        bytes.putLong(nowMillis).putLong(stampMillis).putLong(mostMillis);
    }

    void readFrom(ByteBuffer bytes) {
        nowMillis = bytes.getLong();
        stampMillis = bytes.getLong();
        mostMillis = bytes.getLong();
    }
}
