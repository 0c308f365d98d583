package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.id;
import static dev.lockstep.raft.core.CoreProbe.logFrom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Role;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every change of role, term or leader is told, and so is the end. */
class AnnouncementTest {
    private static List<Effect.RoleChanged> announced(CoreProbe probe) {
        return probe.effects(Effect.RoleChanged.class);
    }

    @Test
    void itSaysWhereItBegins() {
        assertThat(announced(CoreProbe.follower(3, 4)))
                .containsExactly(new Effect.RoleChanged(Role.FOLLOWER, 4, null));
    }

    @Test
    void aLeaderIsToldOnceWhenItIsFirstHeard() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        announced(probe);
        probe.receive(2, new Heartbeat(4, 0, 1));
        probe.receive(2, new Heartbeat(4, 0, 2));
        assertThat(announced(probe))
                .containsExactly(new Effect.RoleChanged(Role.FOLLOWER, 4, id(2)));
    }

    @Test
    void eachStepToLeadershipIsTold() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        announced(probe);
        probe.campaign();
        probe.syncAll();
        probe.receive(2, new VoteReply(5, true));
        assertThat(announced(probe))
                .containsExactly(
                        new Effect.RoleChanged(Role.PRE_CANDIDATE, 4, null),
                        new Effect.RoleChanged(Role.CANDIDATE, 5, null),
                        new Effect.RoleChanged(Role.LEADER, 5, id(1)));
    }

    @Test
    void aLaterTermHasNoLeaderUntilOneIsHeard() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.receive(2, new VoteReply(7, false));
        assertThat(announced(probe))
                .containsExactly(new Effect.RoleChanged(Role.FOLLOWER, 7, null));
        assertThat(probe.core.leader()).isNull();
    }

    /** What waited to leave would promise something in the name of a replica that has stopped. */
    @Test
    void aHaltIsToldAndNothingElseLeavesAnyMore() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.effects();
        Fault fault = new Fault(Fault.Code.BUG, "a test");
        probe.step(new Event.Received(id(2), new Heartbeat(4, 0, 1)));
        probe.step(new Event.Failed(fault));
        probe.drain();
        assertThat(probe.sent()).isEmpty();
        assertThat(probe.effects()).containsExactly(new Effect.Halt(fault));
        probe.append(2, 4, at(0, 0), logFrom(1, 4), 0);
        assertThat(probe.sent()).isEmpty();
        assertThat(probe.effects()).isEmpty();
        assertThat(probe.core.role()).isEqualTo(Role.HALTED);
        assertThat(probe.core.deadlineNanos()).isEqualTo(RaftCore.NO_DEADLINE);
    }

    @Test
    void itTellsWhoItIsAndHowFarItIs() {
        CoreProbe probe = CoreProbe.follower(3, 4, 2, 3);
        assertThat(probe.core.self()).isEqualTo(id(1));
        assertThat(probe.core.termAt(1)).isEqualTo(2);
        assertThat(probe.core.termAt(2)).isEqualTo(3);
        assertThat(probe.core.termAt(3)).isEqualTo(-1);
        probe.append(2, 4, at(3, 2), logFrom(3, 4), 3);
        assertThat(probe.core.appliedIndex()).isZero();
        probe.event(new Event.Loaded(1, CoreProbe.log(2, 3)));
        probe.event(new Event.Applied(2));
        assertThat(probe.core.appliedIndex()).isEqualTo(2);
    }
}
