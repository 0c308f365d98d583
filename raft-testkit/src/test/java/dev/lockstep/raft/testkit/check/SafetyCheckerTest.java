package dev.lockstep.raft.testkit.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import java.io.DataInputStream;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class SafetyCheckerTest {
    private static final GroupId GROUP = GroupId.of("g");
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");

    private final SafetyChecker checker = new SafetyChecker();

    @Test
    void oneTermHasOneLeader() {
        checker.listener(N1).roleChanged(GROUP, Role.LEADER, 3, N1);
        breach(() -> checker.listener(N2).roleChanged(GROUP, Role.LEADER, 3, N2), "two leaders");
        assertThat(checker.elections()).isEqualTo(2);
        assertThat(checker.breaches()).hasSize(1);
    }

    @Test
    void aFollowerCantNameAnotherLeader() {
        checker.listener(N1).roleChanged(GROUP, Role.LEADER, 3, N1);
        checker.listener(N2).roleChanged(GROUP, Role.FOLLOWER, 3, N1);
        breach(() -> checker.listener(N2).roleChanged(GROUP, Role.FOLLOWER, 3, N2), "two leaders");
    }

    @Test
    void termsDontGoBackWithinALife() {
        RaftListener life = checker.listener(N1);
        life.roleChanged(GROUP, Role.CANDIDATE, 5, null);
        breach(() -> life.roleChanged(GROUP, Role.FOLLOWER, 4, null), "went back");
    }

    @Test
    void aRestartMayForgetATermThatItDidntLead() {
        checker.listener(N1).roleChanged(GROUP, Role.CANDIDATE, 5, null);
        RaftListener second = checker.listener(N1);
        second.roleChanged(GROUP, Role.FOLLOWER, 4, null);
        second.roleChanged(GROUP, Role.LEADER, 6, N1);
        breach(() -> checker.listener(N1).roleChanged(GROUP, Role.FOLLOWER, 5, null), "went back");
    }

    @Test
    void replicasApplyTheSameCommands() {
        machine(N1).apply(command(1, 2, "a"));
        breach(() -> machine(N2).apply(command(1, 2, "b")), "elsewhere");
    }

    @Test
    void appliedNeverGoesBackWithinALife() {
        StateMachine life = machine(N1);
        life.apply(command(1, 2, "a"));
        breach(() -> life.apply(command(1, 2, "a")), "after 2");
        assertThatCode(() -> machine(N1).apply(command(1, 2, "a"))).doesNotThrowAnyException();
    }

    @Test
    void noReplicaSkipsACommand() {
        StateMachine one = machine(N1);
        one.apply(command(1, 2, "a"));
        one.apply(command(1, 3, "b"));
        StateMachine two = machine(N2);
        breach(() -> two.apply(command(1, 3, "b")), "skipped");
    }

    @Test
    void aCommandThatOthersSkippedIsFoundToo() {
        machine(N1).apply(command(1, 3, "b"));
        breach(() -> machine(N2).apply(command(1, 2, "a")), "without");
    }

    @Test
    void timestampsNeverGoBack() {
        StateMachine one = machine(N1);
        one.apply(new Command(new LogPosition(1, 2), 50, Payload.of("a")));
        breach(
                () -> one.apply(new Command(new LogPosition(1, 3), 49, Payload.of("b"))),
                "goes back");
    }

    @Test
    void acknowledgedCommandsAreAppliedOnce() {
        StateMachine one = machine(N1);
        one.apply(command(1, 2, "a"));
        one.apply(command(1, 3, "b"));
        one.apply(command(1, 4, "b"));
        checker.requireApplied(GROUP, List.of(Payload.of("a")));
        breach(() -> checker.requireApplied(GROUP, List.of(Payload.of("c"))), "never applied");
        breach(() -> checker.requireApplied(GROUP, List.of(Payload.of("b"))), "twice");
    }

    @Test
    void knowsWhoHasCaughtUp() {
        machine(N1).apply(command(1, 2, "a"));
        assertThat(checker.lastApplied(GROUP)).isEqualTo(2);
        assertThat(checker.allApplied(GROUP, List.of(N1))).isTrue();
        assertThat(checker.allApplied(GROUP, List.of(N1, N2))).isFalse();
    }

    private StateMachine machine(NodeId node) {
        return checker.watch(
                GROUP,
                node,
                new StateMachine() {
                    @Override
                    public Payload apply(Command command) {
                        return command.payload();
                    }

                    @Override
                    public Payload query(Payload question) {
                        return question;
                    }

                    @Override
                    public SnapshotSource snapshot() {
                        return out -> {};
                    }

                    @Override
                    public void restore(DataInputStream in) {}
                });
    }

    private static Command command(long term, long index, String text) {
        return new Command(new LogPosition(term, index), 0, Payload.of(text));
    }

    private static void breach(ThrowingCallable action, String saying) {
        assertThatThrownBy(action).isInstanceOf(SafetyBreach.class).hasMessageContaining(saying);
    }
}
