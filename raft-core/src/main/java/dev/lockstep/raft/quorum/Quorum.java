package dev.lockstep.raft.quorum;

import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.ReplicaId;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What a majority has reached. A joint membership needs a majority of each half (§4.3); learners
 * count nowhere.
 */
public final class Quorum {
    private Quorum() {}

    /**
     * The greatest value that a quorum has reached: an index that is replicated, a round that is
     * confirmed, a time since which enough servers were heard.
     *
     * @param reached what one voter has reached; asked for voters only
     */
    public static long reached(Membership membership, ToLongFunction<ReplicaId> reached) {
        long incoming = byMajority(membership.voters(), reached);
        return membership.isJoint()
                ? Math.min(incoming, byMajority(membership.outgoing(), reached))
                : incoming;
    }

    private static long byMajority(List<ReplicaId> voters, ToLongFunction<ReplicaId> reached) {
        int count = voters.size();
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = reached.applyAsLong(voters.get(i));
        }
        Arrays.sort(values);
        // Sorted ascending, the values from this place on are those of a smallest majority, n/2 + 1
        // voters.
        return values[count - (count / 2 + 1)];
    }
}
