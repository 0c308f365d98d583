package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.DurableStateMachine;
import dev.lockstep.raft.spi.Note;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An application's state machine in one process, whose state is kept in a {@link SimulatedStore}.
 */
final class StoredMachine implements DurableStateMachine {
    private final Supplier<StateMachine> application;
    private final SimulatedStore store;
    private StateMachine machine;

    /** Since the last commit. */
    private final List<Command> commands = new ArrayList<>();

    private @Nullable Payload restored;

    StoredMachine(Supplier<StateMachine> application, SimulatedStore store) {
        this.application = application;
        this.store = store;
        this.machine = application.get();
    }

    @Override
    public List<Note> open() throws IOException {
        machine = application.get();
        store.loadInto(machine);
        return store.notes();
    }

    @Override
    public Payload apply(Command command) {
        commands.add(command);
        return machine.apply(command);
    }

    @Override
    public void commit(List<Note> notes) {
        store.commit(
                new SimulatedStore.Commit(restored, List.copyOf(commands), List.copyOf(notes)));
        restored = null;
        commands.clear();
    }

    @Override
    public void sync() {
        store.sync();
    }

    @Override
    public void clear() {
        machine = application.get();
        store.clear();
    }

    @Override
    public void restore(DataInputStream in) throws IOException {
        store.beginRestore();
        byte[] state = in.readAllBytes();
        machine.restore(new DataInputStream(new ByteArrayInputStream(state)));
        restored = Payload.wrap(state);
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
        return machine.snapshot();
    }
}
