package dev.lockstep.raft.message;

import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.ReplicaId;

/**
 * The leader no longer has the entries that the receiver needs next; the receiver is to fetch a
 * snapshot (§5.3, but that the receiver pulls). Repeated while it is unanswered, so it also says
 * that the leader lives. Answered by {@link AppendAccepted} once a snapshot is installed.
 *
 * @param term the leader's term
 * @param position of the leader's newest snapshot; all up to there is committed
 * @param base the index before the first entry that the leader still has: a snapshot below it is of
 *     no use
 * @param source who is to be asked, the leader itself or a follower
 */
public record InstallSnapshot(long term, LogPosition position, long base, ReplicaId source)
        implements Message {
    public InstallSnapshot {
        Terms.check(term);
        if (position.index() < base || base < 1) {
            throw new IllegalArgumentException(
                    "a snapshot of " + position + " is of no use behind " + base);
        }
    }
}
