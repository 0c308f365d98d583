package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.DurableStateMachine;
import dev.lockstep.raft.spi.Note;
import dev.lockstep.raft.spi.SnapshotSource;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * As {@link WatchedStateMachine}, of a machine that keeps its state itself: notes in each commit
 * the last command that is in it, so that what comes next after a restart must be the next one.
 */
final class WatchedDurableMachine implements DurableStateMachine {
    private static final long OWN_KEY = Long.MAX_VALUE;

    private final GroupRecord record;
    private final NodeId node;
    private final DurableStateMachine machine;
    private final WatchedStateMachine watched;

    WatchedDurableMachine(
            SafetyChecker checker, GroupRecord record, NodeId node, DurableStateMachine machine) {
        this.record = record;
        this.node = node;
        this.machine = machine;
        this.watched = new WatchedStateMachine(checker, record, node, machine);
    }

    @Override
    public List<Note> open() throws IOException {
        List<Note> notes = new ArrayList<>();
        record.restarted(node);
        for (Note note : machine.open()) {
            if (note.key() == OWN_KEY && note.value() != null) {
                record.wentOn(node, note.value().asByteBuffer().getLong());
            } else {
                notes.add(note);
            }
        }
        return notes;
    }

    @Override
    public void commit(List<Note> notes) throws IOException {
        List<Note> all = new ArrayList<>(notes);
        all.add(new Note(OWN_KEY, Payload.of(record.appliedBy(node))));
        machine.commit(all);
    }

    @Override
    public void sync() throws IOException {
        machine.sync();
    }

    @Override
    public void clear() throws IOException {
        record.restarted(node);
        machine.clear();
    }

    @Override
    public Payload apply(Command command) {
        return watched.apply(command);
    }

    @Override
    public OptionalLong stateHash() {
        return watched.stateHash();
    }

    @Override
    public Payload query(Payload question) {
        return watched.query(question);
    }

    @Override
    public SnapshotSource snapshot() {
        return watched.snapshot();
    }

    @Override
    public void restore(DataInputStream in) throws IOException {
        watched.restore(in);
    }
}
