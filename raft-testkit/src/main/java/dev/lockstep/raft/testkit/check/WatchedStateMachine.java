package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import java.io.DataInputStream;
import java.io.IOException;
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

    @Override
    public SnapshotSource snapshot() {
        long applied = record.appliedBy(node);
        SnapshotSource source = machine.snapshot();
        return out -> {
            out.writeLong(applied);
            source.writeTo(out);
        };
    }

    @Override
    public void restore(DataInputStream in) throws IOException {
        checker.breachIfAny(record.restored(node, in.readLong()));
        machine.restore(in);
    }
}
