package dev.lockstep.raft.core;

/**
 * Timestamps for a leader's entries. They never go back. Where the log is ahead of the leader's
 * clock, since a former leader's was, they go on at half speed until that clock has come there:
 * standing still would hold up whatever waits for time to pass in the log.
 */
final class LogTime {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int SLOWER = 2;

    /** When the log and the clock were last seen to agree, or when this leader began. */
    private long agreedMillis;

    private long agreedNanos;

    LogTime(long newestMillis, long nowNanos) {
        agreedMillis = newestMillis;
        agreedNanos = nowNanos;
    }

    /**
     * @param newestMillis at least every timestamp in the log
     */
    long next(long newestMillis, long wallMillis, long nowNanos) {
        long slowed = agreedMillis + (nowNanos - agreedNanos) / (SLOWER * NANOS_PER_MILLI);
        long behindNone = Math.max(slowed, newestMillis);
        if (wallMillis < behindNone) {
            return behindNone;
        }
        agreedMillis = wallMillis;
        agreedNanos = nowNanos;
        return wallMillis;
    }
}
