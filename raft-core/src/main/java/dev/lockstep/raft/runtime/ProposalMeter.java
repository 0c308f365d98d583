package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.RaftMetrics;

/** Measures one proposal of this host from its beginning to its end, in whatever thread. */
record ProposalMeter(GroupId group, Clock clock, RaftMetrics metrics, long proposedNanos) {
    long now() {
        return clock.nanoTime();
    }

    void completed(long answeredNanos) {
        long now = clock.nanoTime();
        metrics.completed(group, now - answeredNanos, now - proposedNanos);
    }

    void refused(NotDone.Reason why) {
        metrics.proposalRefused(group, why);
    }

    void unknown() {
        metrics.proposalUnknown(group);
    }
}
