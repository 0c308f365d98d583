package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.DurableStateMachine;
import dev.lockstep.raft.spi.Note;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The library's side of a state that its machine keeps durably: how far it reaches, and the notes
 * that go into each commit. Entries up to there pass by the machine when they are applied again;
 * only sessions and the hash of the log, which are in the snapshot before, are made of them anew.
 *
 * <p>Belongs to the loop that applies, but for {@link #sync}.
 */
final class OwnState {
    /** The note that tells where the state belongs; the answers' are under their indexes. */
    static final long PLACE_KEY = 0;

    private final DurableStateMachine machine;
    private final long groupKey;
    private final UUID incarnation;
    private final KeptAnswers answers;
    private LogPosition reached;

    /** The answers of all commands of sessions behind this index are kept. */
    private long answersFrom;

    /** The newest snapshot that is durable. */
    private long newestSnapshot;

    /** The one before, which takes its place if it turns out to be damaged. */
    private long olderSnapshot;

    OwnState(DurableStateMachine machine, StatePlace place, KeptAnswers answers) {
        this.machine = machine;
        this.groupKey = place.groupKey();
        this.incarnation = place.incarnation();
        this.reached = place.reached();
        this.answersFrom = place.answersFrom();
        this.answers = answers;
    }

    /** The last entry whose effects are in the state, committed to the machine. */
    LogPosition reached() {
        return reached;
    }

    /** Whether the effects of the entry at an index are in it. */
    boolean holds(long index) {
        return index <= reached.index();
    }

    /** Whether sessions that are known up to an index can be brought to where the state is. */
    boolean leadsOnFrom(long index) {
        return index <= reached.index() && index >= answersFrom;
    }

    /** The answer to a command whose effects are in the state already. */
    Payload answerAgain(Entry entry) {
        if (entry.kind() != EntryKind.SESSION_COMMAND) {
            return Payload.EMPTY; // nobody waits for it any more
        }
        Payload answer = answers.take(entry.index());
        if (answer == null) {
            throw new IllegalStateException(
                    "its own durable state, which reaches "
                            + reached
                            + ", has no note of what this command of a session was answered");
        }
        return answer;
    }

    /** The machine has run the command of an entry. */
    void ran(Entry entry, Payload answer) {
        if (entry.kind() == EntryKind.SESSION_COMMAND) {
            answers.add(entry.index(), answer);
        }
    }

    /** Ends a batch; one that the state held already is none. */
    void commit(LogPosition last) throws IOException {
        if (holds(last.index())) {
            return;
        }
        List<Note> notes = new ArrayList<>();
        if (olderSnapshot > answersFrom) {
            answers.forgetUpTo(olderSnapshot, notes);
            answersFrom = olderSnapshot;
        }
        answers.commit(last.index(), notes);
        commit(last, notes);
    }

    /** The state of a snapshot is in the machine, and nothing else. */
    void restored(LogPosition position) throws IOException {
        List<Note> notes = new ArrayList<>();
        answers.forgetAll(notes);
        answersFrom = position.index();
        commit(position, notes);
    }

    private void commit(LogPosition position, List<Note> notes) throws IOException {
        StatePlace place = new StatePlace(groupKey, incarnation, position, answersFrom);
        notes.add(new Note(PLACE_KEY, place.encode()));
        machine.commit(notes);
        reached = position;
    }

    /** A snapshot is durable, with all answers up to an index. */
    void snapshotIsDurable(long index) {
        if (index > newestSnapshot) {
            olderSnapshot = newestSnapshot;
            newestSnapshot = index;
        }
    }

    /** In another loop: makes all durable that was committed until now. */
    void sync() throws IOException {
        machine.sync();
    }
}
