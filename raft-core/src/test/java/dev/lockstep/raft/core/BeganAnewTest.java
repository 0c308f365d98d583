package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.FoundingState;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A replica whose disk lost too much to go on as what it was. */
class BeganAnewTest {
    private static final Fault LOST = new Fault(Fault.Code.LOG_CORRUPT, "a file, an offset");
    private static final ReplicaId FORMER = replica("n1", 1);
    private static final ReplicaId SELF = replica("n1", 7);
    private static final ReplicaId OTHER = replica("n2", 2);

    private static ReplicaId replica(String node, long number) {
        return new ReplicaId(NodeId.of(node), new UUID(0, number));
    }

    private static Driven driven(List<NodeId> founders, @Nullable Founding founding) {
        return new Driven(
                RaftOptions.defaults(),
                new RecoveredReplica(
                        SELF,
                        founding,
                        HardState.INITIAL,
                        null,
                        LogPosition.ZERO,
                        List.of(),
                        0,
                        0,
                        List.of(),
                        List.of(),
                        null,
                        LOST),
                founders);
    }

    @Test
    void aSoleFounderDoesNotFoundTheGroupASecondTime() {
        Driven driven = driven(List.of(SELF.node()), null);
        for (int round = 0; round < 5; round++) {
            driven.wake();
            driven.drain();
        }
        assertThat(driven.core.role()).isEqualTo(Role.FOUNDING);
        assertThat(Driven.only(Effect.Persist.class, driven.effects)).isEmpty();
        assertThat(Driven.only(Effect.Warned.class, driven.effects))
                .containsExactly(new Effect.Warned(LOST));
    }

    @Test
    void aSoleFounderThatKnowsItsFoundingDoesNotLead() {
        Driven driven =
                driven(
                        List.of(SELF.node()),
                        new Founding(new UUID(9, 9), Membership.ofVoters(List.of(FORMER)), true));
        for (int round = 0; round < 5; round++) {
            driven.wake();
            driven.drain();
        }
        assertThat(driven.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(driven.core.term()).isZero();
        assertThat(Driven.only(Effect.Warned.class, driven.effects))
                .containsExactly(new Effect.Warned(LOST));
    }

    @Test
    void itIsNoFounderForOthersAndFollowsTheGroupAsAStranger() {
        List<NodeId> founders = List.of(SELF.node(), OTHER.node());
        Driven driven = driven(founders, null);
        driven.wake();
        List<Effect> asked = driven.drain();
        assertThat(Driven.sent(FoundingState.class, OTHER.node(), asked))
                .isNotEmpty()
                .allMatch(state -> state.initialNodes().isEmpty() && state.founding() == null);
        // Another newcomer doesn't make it a founder.
        driven.receive(OTHER, new FoundingState(founders, null, false));
        driven.wake();
        driven.drain();
        assertThat(driven.core.role()).isEqualTo(Role.FOUNDING);
        Founding complete =
                new Founding(new UUID(9, 9), Membership.ofVoters(List.of(FORMER, OTHER)), true);
        driven.receive(OTHER, new FoundingState(founders, complete, true));
        driven.drain();
        assertThat(driven.core.role()).isEqualTo(Role.FOLLOWER);
        for (int round = 0; round < 5; round++) {
            driven.wake();
            driven.drain();
        }
        assertThat(driven.core.role()).as("it has no vote").isEqualTo(Role.FOLLOWER);
        assertThat(Driven.only(Effect.Warned.class, driven.effects))
                .containsExactly(new Effect.Warned(LOST));
    }
}
