package dev.lockstep.raft.quorum;

import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.ReplicaId;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts the votes of one round. Each voter counts once, in its incarnation; what others say counts
 * nothing.
 */
public final class VoteTally {
    /** How a round stands. */
    public enum Result {
        WON,
        /** A quorum can't be reached any more. */
        LOST,
        PENDING
    }

    private final Membership membership;
    private final TreeMap<ReplicaId, Boolean> votes = new TreeMap<>();

    public VoteTally(Membership membership) {
        this.membership = membership;
    }

    /** Takes a voter's first answer; ignores a second one and everybody who isn't a voter. */
    public void record(ReplicaId voter, boolean granted) {
        if (membership.isVoter(voter)) {
            votes.putIfAbsent(voter, granted);
        }
    }

    public Result result() {
        Result incoming = resultIn(membership.voters());
        if (!membership.isJoint()) {
            return incoming;
        }
        Result outgoing = resultIn(membership.outgoing());
        if (incoming == Result.LOST || outgoing == Result.LOST) {
            return Result.LOST;
        }
        return incoming == Result.WON && outgoing == Result.WON ? Result.WON : Result.PENDING;
    }

    private Result resultIn(List<ReplicaId> voters) {
        int granted = 0;
        int refused = 0;
        for (ReplicaId voter : voters) {
            @Nullable Boolean vote = votes.get(voter);
            if (vote != null) {
                if (vote) {
                    granted++;
                } else {
                    refused++;
                }
            }
        }
        int quorum = voters.size() / 2 + 1;
        if (granted >= quorum) {
            return Result.WON;
        }
        return refused > voters.size() - quorum ? Result.LOST : Result.PENDING;
    }
}
