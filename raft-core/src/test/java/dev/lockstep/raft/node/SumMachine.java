package dev.lockstep.raft.node;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/** Adds what is proposed, which is not idempotent; counts the commands that it saw itself. */
class SumMachine implements StateMachine {
    final AtomicLong applied = new AtomicLong();
    long sum;

    @Override
    public Payload apply(Command command) {
        applied.incrementAndGet();
        sum += command.payload().asLong();
        return Payload.of(sum);
    }

    @Override
    public Payload query(Payload question) {
        return Payload.of(sum);
    }

    @Override
    public SnapshotSource snapshot() {
        long frozen = sum;
        return out -> out.writeLong(frozen);
    }

    @Override
    public void restore(DataInputStream in) throws IOException {
        sum = in.readLong();
    }
}
