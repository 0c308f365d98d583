package dev.lockstep.raft.testkit.explore;

import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.ReplicaId;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * The voters of a membership as bits, read out of a log, so that the checks count for themselves.
 *
 * @param outgoing none unless it is joint
 */
record Configuration(int voters, int outgoing) {
    static Configuration of(Membership membership, Cast cast) {
        return new Configuration(
                bits(membership.voters(), cast), bits(membership.outgoing(), cast));
    }

    private static int bits(List<ReplicaId> replicas, Cast cast) {
        int bits = 0;
        for (ReplicaId replica : replicas) {
            bits |= 1 << cast.numberOf(replica);
        }
        return bits;
    }

    boolean isJoint() {
        return outgoing != 0;
    }

    /** Whether those that it holds for are a majority, of each half while it is joint (§4.3). */
    boolean isQuorum(IntPredicate server) {
        return isMajority(voters, server) && (outgoing == 0 || isMajority(outgoing, server));
    }

    private static boolean isMajority(int voters, IntPredicate server) {
        int those = 0;
        for (int i = 0; i < Integer.SIZE; i++) {
            those += (voters >> i & 1) != 0 && server.test(i) ? 1 : 0;
        }
        return 2 * those > Integer.bitCount(voters);
    }
}
