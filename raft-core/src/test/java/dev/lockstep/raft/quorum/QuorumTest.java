package dev.lockstep.raft.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Quorums and tallies against brute force over all small memberships. */
class QuorumTest {
    private static final int NODES = 5;

    private static ReplicaId id(int node) {
        return new ReplicaId(NodeId.of("n" + node), new UUID(1, node));
    }

    private static List<ReplicaId> ids(int mask) {
        List<ReplicaId> ids = new ArrayList<>();
        for (int node = 0; node < NODES; node++) {
            if ((mask & 1 << node) != 0) {
                ids.add(id(node));
            }
        }
        return ids;
    }

    private static int number(ReplicaId replica) {
        return (int) replica.incarnation().getLeastSignificantBits();
    }

    /** By definition: more than half of the voters, in each half of a joint membership. */
    private static boolean isQuorum(Membership membership, int mask) {
        return isMajority(membership.voters(), mask)
                && (membership.outgoing().isEmpty() || isMajority(membership.outgoing(), mask));
    }

    private static boolean isMajority(List<ReplicaId> voters, int mask) {
        long in = voters.stream().filter(voter -> (mask & 1 << number(voter)) != 0).count();
        return 2 * in > voters.size();
    }

    /** Every membership of up to five nodes; all others are learners. */
    private static void forEveryMembership(Consumer<Membership> check) {
        int all = (1 << NODES) - 1;
        for (int voters = 1; voters <= all; voters++) {
            for (int outgoing = 0; outgoing <= all; outgoing++) {
                check.accept(
                        new Membership(ids(voters), ids(outgoing), ids(all & ~voters & ~outgoing)));
            }
        }
    }

    @Test
    void reachedIsTheGreatestValueThatAQuorumHasReached() {
        long[][] values = {{1, 2, 3, 4, 5}, {5, 4, 3, 2, 1}, {7, 7, 0, 7, 0}, {2, 9, 2, 9, 4}};
        forEveryMembership(
                membership -> {
                    for (long[] value : values) {
                        long greatest = 0;
                        for (int mask = 0; mask < 1 << NODES; mask++) {
                            long least = Long.MAX_VALUE;
                            for (int node = 0; node < NODES; node++) {
                                if ((mask & 1 << node) != 0) {
                                    least = Math.min(least, value[node]);
                                }
                            }
                            if (isQuorum(membership, mask)) {
                                greatest = Math.max(greatest, least);
                            }
                        }
                        assertThat(Quorum.reached(membership, voter -> value[number(voter)]))
                                .as("%s", membership)
                                .isEqualTo(greatest);
                    }
                });
    }

    @Test
    void aVoteIsWonByAQuorumAndLostWhenNoneIsLeft() {
        forEveryMembership(
                membership -> {
                    // In base 3: no answer, granted, refused.
                    for (int answers = 0; answers < 243; answers++) {
                        check(membership, answers);
                    }
                });
    }

    private static void check(Membership membership, int answers) {
        VoteTally tally = new VoteTally(membership);
        int granted = 0;
        int notRefused = 0;
        for (int node = 0, rest = answers; node < NODES; node++, rest /= 3) {
            if (rest % 3 != 0) {
                tally.record(id(node), rest % 3 == 1);
            }
            granted |= rest % 3 == 1 ? 1 << node : 0;
            notRefused |= rest % 3 != 2 ? 1 << node : 0;
        }
        VoteTally.Result expected =
                isQuorum(membership, granted)
                        ? VoteTally.Result.WON
                        : isQuorum(membership, notRefused)
                                ? VoteTally.Result.PENDING
                                : VoteTally.Result.LOST;
        if (tally.result() != expected) {
            throw new AssertionError(
                    membership + " with answers " + answers + ": " + tally.result());
        }
    }

    @Test
    void theFirstAnswerOfAVoterCounts() {
        VoteTally tally = new VoteTally(Membership.ofVoters(ids(0b111)));
        tally.record(id(0), true);
        tally.record(id(1), false);
        tally.record(id(1), true);
        assertThat(tally.result()).isEqualTo(VoteTally.Result.PENDING);
        tally.record(id(2), true);
        assertThat(tally.result()).isEqualTo(VoteTally.Result.WON);
    }

    @Test
    void anotherIncarnationHasNoVote() {
        VoteTally tally = new VoteTally(Membership.ofVoters(ids(0b111)));
        tally.record(id(0), true);
        tally.record(new ReplicaId(id(1).node(), new UUID(9, 9)), true);
        tally.record(new ReplicaId(id(2).node(), new UUID(9, 9)), false);
        assertThat(tally.result()).isEqualTo(VoteTally.Result.PENDING);
    }

    @Test
    void learnersAreNeverAsked() {
        Membership membership = new Membership(ids(0b001), List.of(), ids(0b110));
        assertThat(Quorum.reached(membership, voter -> number(voter) == 0 ? 3 : 9)).isEqualTo(3);
    }
}
