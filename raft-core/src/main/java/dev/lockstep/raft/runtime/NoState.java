package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import java.io.DataInputStream;

/** In a witness's place of a state machine: its snapshots are a position and a configuration. */
enum NoState implements StateMachine {
    OF_A_WITNESS;

    @Override
    public Payload apply(Command command) {
        throw new IllegalStateException("a witness has no state to apply " + command + " to");
    }

    @Override
    public Payload query(Payload question) {
        throw new IllegalStateException("a witness has no state to ask");
    }

    @Override
    public SnapshotSource snapshot() {
        return out -> {};
    }

    @Override
    public void restore(DataInputStream in) {}
}
