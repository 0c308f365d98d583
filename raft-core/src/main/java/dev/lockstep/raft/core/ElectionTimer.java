package dev.lockstep.raft.core;

/**
 * Draws a timeout between once and twice the election timeout, anew at each start, so that ties
 * don't repeat. A server of less than the highest priority waits up to one more, so that others
 * come first; where they are all dead, that is all that they cost.
 */
final class ElectionTimer {
    private static final int HIGHEST_PRIORITY = 100;

    private final RaftCore core;
    private long deadlineNanos;

    ElectionTimer(RaftCore core) {
        this.core = core;
        restart();
    }

    void restart() {
        long timeout = core.options.electionTimeout().toNanos();
        // With a full disk it can lead, but nobody's proposals would be taken.
        int priority = core.diskIsFull() ? 0 : core.options.electionPriority();
        long last = timeout * (HIGHEST_PRIORITY - priority);
        deadlineNanos =
                core.now() + timeout + core.random.nextLong(timeout) + last / HIGHEST_PRIORITY;
    }

    /**
     * For a server that needs not wait for a leader that can't exist: a short moment, still random.
     */
    void hurry() {
        deadlineNanos =
                core.now() + core.random.nextLong(core.options.heartbeatInterval().toNanos());
    }

    /** For one whose leader has just resigned: others were told so, too. */
    void restartSoon() {
        deadlineNanos = core.now() + core.random.nextLong(core.options.electionTimeout().toNanos());
    }

    /** Not before that, and a short random moment later. */
    void postpone(long untilNanos) {
        hurry();
        deadlineNanos += Math.max(0, untilNanos - core.now());
    }

    long deadlineNanos() {
        return deadlineNanos;
    }
}
