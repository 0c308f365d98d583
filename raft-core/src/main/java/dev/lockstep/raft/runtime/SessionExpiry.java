package dev.lockstep.raft.runtime;

import dev.lockstep.raft.applied.SessionChange;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import java.util.function.Consumer;

/**
 * Has the leader propose the end of sessions that were unused for too long (§6.3). Only the entry
 * ends them, at the same place on every replica; what is decided here is when to ask for one. In
 * the host's loop, but for what says otherwise.
 */
final class SessionExpiry {
    private final RaftOptions options;
    private final Applier applier;
    private final Consumer<Payload> proposer;
    private final long intervalNanos;
    private boolean leads;
    private long nextNanos;

    /**
     * @param proposer takes the entry's payload; called in the apply loop
     */
    SessionExpiry(RaftOptions options, Applier applier, Consumer<Payload> proposer) {
        this.options = options;
        this.applier = applier;
        this.proposer = proposer;
        // Often enough to be no later than a fraction of the timeout; and never so often that a
        // second entry is proposed before the first can have committed.
        this.intervalNanos =
                Math.max(
                        options.electionTimeout().toNanos(),
                        options.sessionTimeout().toNanos() / 16);
    }

    /** Whether this replica leads from now on. */
    void leads(boolean value, long nowNanos) {
        leads = value;
        nextNanos = nowNanos + intervalNanos;
    }

    /** When a leader that sleeps must look again; it needs not while no session is open. */
    long deadlineNanos() {
        return leads && applier.hasSessions() ? nextNanos : Long.MAX_VALUE;
    }

    /** A leader that is awake drains at least once per heartbeat. */
    void drain(long nowNanos, long wallMillis) {
        if (leads && nowNanos - nextNanos >= 0) {
            nextNanos = nowNanos + intervalNanos;
            long idleMillis = Math.max(1, options.sessionTimeout().toMillis());
            applier.checkIdleSessions(
                    wallMillis,
                    idleMillis,
                    () -> proposer.accept(new SessionChange.Expire(idleMillis).encode()));
        }
    }
}
