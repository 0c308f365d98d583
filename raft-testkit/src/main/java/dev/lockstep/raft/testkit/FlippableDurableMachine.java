package dev.lockstep.raft.testkit;

import dev.lockstep.raft.spi.DurableStateMachine;
import dev.lockstep.raft.spi.Note;
import java.io.IOException;
import java.util.List;

/** A {@link FlippableMachine} that keeps its state durably itself. */
final class FlippableDurableMachine extends FlippableMachine implements DurableStateMachine {
    private final DurableStateMachine machine;

    FlippableDurableMachine(DurableStateMachine machine) {
        super(machine);
        this.machine = machine;
    }

    @Override
    public List<Note> open() throws IOException {
        return machine.open();
    }

    @Override
    public void commit(List<Note> notes) throws IOException {
        machine.commit(notes);
    }

    @Override
    public void sync() throws IOException {
        machine.sync();
    }

    @Override
    public void clear() throws IOException {
        machine.clear();
    }
}
