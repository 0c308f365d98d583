package dev.lockstep.raft.core;

/**
 * Draws a timeout between once and twice the election timeout, anew at each start, so that ties
 * don't repeat.
 */
final class ElectionTimer {
    private final RaftCore core;
    private long deadlineNanos;

    ElectionTimer(RaftCore core) {
        this.core = core;
        restart();
    }

    void restart() {
        long timeout = core.options.electionTimeout().toNanos();
        deadlineNanos = core.now() + timeout + core.random.nextLong(timeout);
    }

    /**
     * For a server that needs not wait for a leader that can't exist: a short moment, still random.
     */
    void hurry() {
        deadlineNanos =
                core.now() + core.random.nextLong(core.options.heartbeatInterval().toNanos());
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
