package dev.lockstep.raft.core;

/**
 * Until when no other leader can have been elected, by the clocks of the host that got it (§6.4.1).
 * A quorum has promised so, and each clock's rate is trusted to be within the bound of the options.
 *
 * @param untilNanos on the monotonic clock
 * @param offsetNanos how far the wall clock was ahead of the monotonic one; where the two have
 *     since gone apart, one of them has jumped or stood still, and nothing is trusted
 */
public record Lease(long untilNanos, long offsetNanos) {
    /**
     * Two clocks that are read one after the other, one of them in milliseconds, differ so much.
     */
    static final long CLOCK_SLACK_NANOS = 20_000_000;

    private static final long NANOS_PER_MILLI = 1_000_000;

    /** Whether it still holds at a moment that both clocks of the host show. */
    public boolean holds(long nowNanos, long wallMillis) {
        return untilNanos - nowNanos > 0
                && Math.abs(offset(nowNanos, wallMillis) - offsetNanos) <= CLOCK_SLACK_NANOS;
    }

    static long offset(long nowNanos, long wallMillis) {
        return wallMillis * NANOS_PER_MILLI - nowNanos;
    }
}
