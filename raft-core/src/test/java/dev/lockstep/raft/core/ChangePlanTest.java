package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.id;
import static dev.lockstep.raft.core.CoreProbe.witness;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.ReplicaId;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a change leads to, and why some must not be made. */
class ChangePlanTest {
    /** Server 3 is a learner, and 4 one that is to vote. */
    private static final Membership CURRENT =
            new Membership(List.of(id(1), id(2)), List.of(), List.of(id(3), id(4)), List.of(id(4)));

    private static ChangePlan plan(Membership current, ReplicaId... outsiders) {
        return new ChangePlan(
                current,
                node -> {
                    for (ReplicaId outsider : outsiders) {
                        if (outsider.node().equals(node)) {
                            return outsider;
                        }
                    }
                    return null;
                },
                learner -> true);
    }

    private static Membership target(ChangePlan plan, MembershipChange.Builder change) {
        assertThat(plan.refusal(change.build().steps())).isNull();
        return plan.target();
    }

    private static ReplicaId wiped(int server) {
        return new ReplicaId(id(server).node(), new UUID(0xCD, server));
    }

    @Test
    void aLearnerThatIsAddedAsAVoterJoins() {
        assertThat(target(plan(CURRENT), MembershipChange.builder().addVoter("n3")))
                .isEqualTo(
                        new Membership(
                                CURRENT.voters(),
                                List.of(),
                                CURRENT.learners(),
                                List.of(id(3), id(4))));
    }

    @Test
    void whoIsJoiningIsNotAddedAgain() {
        assertThat(plan(CURRENT).refusal(MembershipChange.builder().addVoter("n4").build().steps()))
                .isEqualTo(id(4) + " is a member already");
    }

    @Test
    void whoTakesThePlaceOfOneThatIsJoiningJoinsAndThatOfALearnerDoesNot() {
        assertThat(target(plan(CURRENT, wiped(4)), MembershipChange.builder().replace("n4")))
                .isEqualTo(
                        new Membership(
                                CURRENT.voters(),
                                List.of(),
                                List.of(id(3), wiped(4)),
                                List.of(wiped(4))));
        assertThat(target(plan(CURRENT, wiped(3)), MembershipChange.builder().replace("n3")))
                .isEqualTo(
                        new Membership(
                                CURRENT.voters(),
                                List.of(),
                                List.of(wiped(3), id(4)),
                                List.of(id(4))));
    }

    @Test
    void whoIsOfTheOtherKindIsToldHowToBecomeIt() {
        ChangePlan plan = plan(CURRENT, witness(5));
        assertThat(plan.refusal(MembershipChange.builder().addVoter("n5").build().steps()))
                .isEqualTo(
                        witness(5)
                                + " is a witness and never becomes a full replica: remove it if it is"
                                + " a member, empty its directory, open the group there as a full"
                                + " replica, and add that");
        assertThat(plan.refusal(MembershipChange.builder().addWitness("n2").build().steps()))
                .isEqualTo(
                        id(2)
                                + " is a full replica and never becomes a witness: remove it if it is"
                                + " a member, empty its directory, open the group there as a witness,"
                                + " and add that");
    }

    @Test
    void aWitnessVotesOnceThereAreEnoughFullVoters() {
        ChangePlan three = plan(Membership.ofVoters(List.of(id(1), id(2), witness(3))));
        assertThat(three.mayVote(witness(4))).isFalse();
        assertThat(three.mayVote(id(4))).isTrue();
        three.promote(id(5));
        assertThat(three.mayVote(witness(4))).isTrue();
    }

    @Test
    void aFullVoterNeedsNoOtherToVote() {
        ChangePlan lost = plan(Membership.ofVoters(List.of(id(1), witness(2), witness(3))));
        assertThat(lost.mayVote(id(4))).isTrue();
        assertThat(lost.mayVote(witness(4))).isFalse();
    }

    @Test
    void witnessesAreNeverAMajorityNotEvenUntilFullOnesHaveCaughtUp() {
        List<ReplicaId> oneOfEach = List.of(id(1), witness(2));
        assertThat(WitnessBound.refusal(oneOfEach, List.of(id(3)))).isNull();
        assertThat(WitnessBound.refusal(oneOfEach, List.of()))
                .contains("1 would be witnesses and 1 full")
                .contains("fewer witnesses than full voters");
        assertThat(
                        WitnessBound.refusal(
                                List.of(id(1), witness(2), witness(3)), List.of(id(4), id(5))))
                .contains("2 would be witnesses and 1 full")
                .contains("until the others have caught up");
    }
}
