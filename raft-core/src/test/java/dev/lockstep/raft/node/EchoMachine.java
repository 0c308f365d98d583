package dev.lockstep.raft.node;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import java.io.DataInputStream;

/** Answers each command and question with itself, and keeps nothing. */
final class EchoMachine implements StateMachine {
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
}
