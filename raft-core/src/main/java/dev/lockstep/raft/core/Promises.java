package dev.lockstep.raft.core;

/**
 * What a server has promised to leaders: to give no vote for a while, not even its own, except in a
 * campaign that the leader itself asked for. It survives whatever role and term come next; and
 * since a restart forgets it, the longest promise ever given is durable before it is given, and
 * waited out at every start, whatever the options are then.
 */
final class Promises {
    private final RaftCore core;

    /** The longest promise that is on disk. */
    private long durableNanos;

    private long untilNanos;

    Promises(RaftCore core, long longestNanos, long nowNanos) {
        this.core = core;
        durableNanos = longestNanos;
        untilNanos = nowNanos + longestNanos;
    }

    /**
     * A leader's heartbeat is being answered: for how long this server refuses votes; 0 for not.
     */
    long give() {
        if (!core.options.leaseReads()) {
            return 0;
        }
        long promise = core.options.electionTimeout().toNanos();
        if (core.hardState().longestPromiseNanos() < promise) {
            core.setHardState(core.hardState().withPromise(promise));
        }
        if (durableNanos < promise) {
            return 0;
        }
        untilNanos = Math.max(untilNanos, core.now() + promise);
        return promise;
    }

    void durable(long longestNanos) {
        durableNanos = Math.max(durableNanos, longestNanos);
    }

    /** Whether a vote, the own one included, would break a promise now. */
    boolean hold() {
        return untilNanos - core.now() > 0;
    }

    long untilNanos() {
        return untilNanos;
    }
}
