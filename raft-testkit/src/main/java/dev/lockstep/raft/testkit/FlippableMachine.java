package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.OptionalLong;

/**
 * A state machine of which a bit can flip where no answer shows it: only its hash is another from
 * then on.
 */
class FlippableMachine implements StateMachine {
    private final StateMachine machine;
    private long flipped;

    FlippableMachine(StateMachine machine) {
        this.machine = machine;
    }

    void flip(long bits) {
        flipped ^= bits;
    }

    boolean isFlipped() {
        return flipped != 0;
    }

    @Override
    public Payload apply(Command command) {
        return machine.apply(command);
    }

    @Override
    public OptionalLong stateHash() {
        OptionalLong hash = machine.stateHash();
        return hash.isPresent() ? OptionalLong.of(hash.getAsLong() ^ flipped) : hash;
    }

    @Override
    public Payload query(Payload question) {
        return machine.query(question);
    }

    @Override
    public SnapshotSource snapshot() {
        return machine.snapshot();
    }

    @Override
    public void restore(DataInputStream in) throws IOException {
        machine.restore(in);
        flipped = 0;
    }
}
