package dev.lockstep.raft.message;

import dev.lockstep.raft.model.SnapshotMeta;

/**
 * The leader no longer has the entries whose positions the receiver, a witness, needs next: its log
 * goes on behind this one. Stands for a snapshot, of which a witness needs no more. Repeated while
 * it is unanswered; answered by {@link AppendAccepted} once it is durable.
 *
 * @param term the leader's term
 * @param meta of the leader's newest snapshot; all up to there is committed
 */
public record InstallPosition(long term, SnapshotMeta meta) implements Message {
    public InstallPosition {
        Terms.check(term);
    }
}
