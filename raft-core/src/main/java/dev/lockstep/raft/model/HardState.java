package dev.lockstep.raft.model;

import org.jspecify.annotations.Nullable;

/**
 * What a server must remember of elections across restarts (§3.4, figure 3.1). All of it is one
 * value and one record on disk: a crash between term and vote can't happen.
 *
 * @param term the latest term that this server has seen; 0 before the first election
 * @param vote the candidate that got this server's vote in {@code term}, if any did
 * @param longestPromiseNanos for how long, at the longest, it ever promised to a leader to give no
 *     vote; waited out after a restart, which forgets when the promise was given
 */
public record HardState(long term, @Nullable ReplicaId vote, long longestPromiseNanos) {
    public static final HardState INITIAL = new HardState(0, null);

    public HardState {
        if (term < 0 || (term == 0 && vote != null) || longestPromiseNanos < 0) {
            throw new IllegalArgumentException(
                    "no hard state has term "
                            + term
                            + ", vote "
                            + vote
                            + " and promise "
                            + longestPromiseNanos);
        }
    }

    /** Of a server that never promised anything. */
    public HardState(long term, @Nullable ReplicaId vote) {
        this(term, vote, 0);
    }

    /** Whether a vote for {@code candidate} in this term would not be a second vote. */
    public boolean mayVoteFor(ReplicaId candidate) {
        return vote == null || vote.equals(candidate);
    }

    public HardState withVote(ReplicaId candidate) {
        return new HardState(term, candidate, longestPromiseNanos);
    }

    /** A later term, in which no vote was cast yet. */
    public HardState withTerm(long later) {
        if (later <= term) {
            throw new IllegalArgumentException("term would go from " + term + " to " + later);
        }
        return new HardState(later, null, longestPromiseNanos);
    }

    /** With a longer promise than any before. */
    public HardState withPromise(long nanos) {
        return new HardState(term, vote, Math.max(nanos, longestPromiseNanos));
    }
}
