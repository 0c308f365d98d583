package dev.lockstep.raft.core;

/**
 * Since when something that was asked for makes no progress. Answers come in the order of asking.
 */
final class Stall {
    private int outstanding;
    private long sinceNanos;
    private long lastNanos;

    void asked(long nowNanos) {
        if (outstanding == 0) {
            sinceNanos = nowNanos;
        }
        outstanding++;
        lastNanos = nowNanos;
    }

    void answered(long nowNanos) {
        outstanding = Math.max(0, outstanding - 1);
        sinceNanos = nowNanos;
    }

    /** Nothing was to be asked for until now. */
    void excuse(long nowNanos) {
        lastNanos = nowNanos;
    }

    /** What was asked for will not be answered. */
    void forget() {
        outstanding = 0;
    }

    /** Whether everything that was asked for is answered. */
    boolean isIdle() {
        return outstanding == 0;
    }

    /** For how long nothing was answered though something is asked for; 0 while nothing is. */
    long nanos(long nowNanos) {
        return outstanding == 0 ? 0 : nowNanos - sinceNanos;
    }

    /** For how long nothing was asked for; 0 while something waits. */
    long idleNanos(long nowNanos) {
        return outstanding > 0 ? 0 : nowNanos - lastNanos;
    }
}
