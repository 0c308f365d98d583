package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.StateMachine;
import java.util.OptionalLong;

/**
 * A state machine whose commands are compared with those of its other replicas before it gets them.
 */
final class WatchedStateMachine implements StateMachine {
    private final SafetyChecker checker;
    private final GroupRecord record;
    private final NodeId node;
    private final StateMachine machine;

    WatchedStateMachine(
            SafetyChecker checker, GroupRecord record, NodeId node, StateMachine machine) {
        this.checker = checker;
        this.record = record;
        this.node = node;
        this.machine = machine;
    }

    @Override
    public Payload apply(Command command) {
        checker.breachIfAny(record.applied(node, command));
        Payload answer = machine.apply(command);
        checker.breachIfAny(record.answered(node, command.position(), answer));
        return answer;
    }

    @Override
    public OptionalLong stateHash() {
        return machine.stateHash();
    }

    @Override
    public Payload query(Payload question) {
        return machine.query(question);
    }
}
