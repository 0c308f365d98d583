package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.FoundingState;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.Role;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** When a replica without a vote says that it is there. */
class PresenceTest {
    private static Driven follower(Membership membership) {
        return new Driven(
                RaftOptions.defaults(),
                new RecoveredReplica(
                        Driven.N1,
                        new Founding(new UUID(9, 9), membership, true),
                        new HardState(3, null),
                        null,
                        LogPosition.ZERO,
                        List.of(),
                        0,
                        0,
                        List.of()),
                List.of(Driven.N2.node(), Driven.N3.node()));
    }

    private static Driven outsider() {
        return follower(Membership.ofVoters(List.of(Driven.N2, Driven.N3)));
    }

    private static int told(List<Effect> effects) {
        return Driven.sent(FoundingState.class, Driven.N2.node(), effects).size();
    }

    @Test
    void anOutsiderSaysSoOncePerElectionTimeout() {
        Driven outsider = outsider();
        outsider.step(Event.Wake.INSTANCE);
        assertThat(told(outsider.drain())).isEqualTo(1);
        outsider.step(Event.Wake.INSTANCE);
        assertThat(told(outsider.drain())).as("too early").isZero();
        assertThat(outsider.core.deadlineNanos())
                .isEqualTo(RaftOptions.defaults().electionTimeout().toNanos());
        outsider.wake();
        assertThat(told(outsider.drain())).isEqualTo(1);
    }

    @Test
    void anOutsiderSaysSoAtOnceToWhomItCanReachAgain() {
        Driven outsider = outsider();
        outsider.step(Event.Wake.INSTANCE);
        outsider.drain();
        outsider.step(new Event.Connected(Driven.N2.node()));
        assertThat(told(outsider.drain())).isEqualTo(1);
    }

    /** It may have been removed without having learned of it. */
    @Test
    void aLearnerThatHearsNoLeaderSaysThatItIsThere() {
        Driven learner =
                follower(
                        new Membership(
                                List.of(Driven.N2, Driven.N3), List.of(), List.of(Driven.N1)));
        learner.step(Event.Wake.INSTANCE);
        assertThat(told(learner.drain())).isZero();
        learner.wake(); // its election timer runs out
        assertThat(told(learner.drain())).isEqualTo(1);
        assertThat(learner.core.role()).isEqualTo(Role.FOLLOWER);
        learner.step(Event.Wake.INSTANCE);
        assertThat(told(learner.drain())).as("and begins anew").isZero();
    }
}
