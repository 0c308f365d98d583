package dev.lockstep.raft.model;

import org.jspecify.annotations.Nullable;

/**
 * What a server must remember of elections across restarts (§3.4, figure 3.1). Term and vote are
 * one value and one record on disk: a crash between the two can't happen.
 *
 * @param term the latest term that this server has seen; 0 before the first election
 * @param vote the candidate that got this server's vote in {@code term}, if any did
 */
public record HardState(long term, @Nullable ReplicaId vote) {
    public static final HardState INITIAL = new HardState(0, null);

    public HardState {
        if (term < 0 || (term == 0 && vote != null)) {
            throw new IllegalArgumentException(
                    "no hard state has term " + term + " and vote " + vote);
        }
    }

    /** Whether a vote for {@code candidate} in this term would not be a second vote. */
    public boolean mayVoteFor(ReplicaId candidate) {
        return vote == null || vote.equals(candidate);
    }

    public HardState withVote(ReplicaId candidate) {
        return new HardState(term, candidate);
    }

    /** A later term, in which no vote was cast yet. */
    public HardState withTerm(long later) {
        if (later <= term) {
            throw new IllegalArgumentException("term would go from " + term + " to " + later);
        }
        return new HardState(later, null);
    }
}
