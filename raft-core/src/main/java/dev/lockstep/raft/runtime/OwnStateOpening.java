package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.DurableStateMachine;
import dev.lockstep.raft.spi.Note;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes up a state that its machine keeps durably, if it belongs to what the replica's disk holds.
 *
 * <p>Of an honest machine and an honest disk the state is never behind a snapshot by reference,
 * since that is taken after a sync of the machine; and never beyond the log, since nothing is
 * applied before the log is durable. It is behind a snapshot that holds a state when that was
 * fetched and not restored yet.
 */
final class OwnStateOpening {
    private final GroupId group;
    private final RecoveredReplica found;
    private final DurableStateMachine machine;

    OwnStateOpening(GroupId group, RecoveredReplica found, DurableStateMachine machine) {
        this.group = group;
        this.found = found;
        this.machine = machine;
    }

    /**
     * In the apply loop.
     *
     * @throws StorageException with the fault for which the state can't be used
     * @throws IOException what the machine throws
     */
    OwnState open() throws IOException {
        List<Note> notes = machine.open();
        StatePlace place = placeIn(notes);
        if (place != null && !place.incarnation().equals(found.id().incarnation())) {
            if (found.beganAnew() == null || place.groupKey() != group.key()) {
                throw mismatch(
                        "it is of group key "
                                + place.groupKey()
                                + ", incarnation "
                                + place.incarnation());
            }
            // With that incarnation's log this replica has set aside what it had made of it.
            place = null;
        }
        if (place != null) {
            check(place, found.snapshot());
            if (isMadeAnew(place)) {
                place = null;
            }
        }
        if (place == null && !notes.isEmpty()) {
            machine.clear();
            machine.sync();
            notes = List.of();
        }
        if (place == null) {
            place = new StatePlace(group.key(), found.id().incarnation(), LogPosition.ZERO, 0);
            check(place, found.snapshot());
        }
        return new OwnState(machine, place, answersIn(notes));
    }

    /** A damaged snapshot had what sessions were answered; the log, from its beginning, has all. */
    private boolean isMadeAnew(StatePlace place) {
        return found.snapshot() == null && place.answersFrom() > 0;
    }

    private @Nullable StatePlace placeIn(List<Note> notes) throws StorageException {
        for (Note note : notes) {
            if (note.key() == OwnState.PLACE_KEY && note.value() != null) {
                try {
                    return StatePlace.decode(note.value());
                } catch (IllegalArgumentException e) {
                    throw mismatch("the note that tells where it belongs can't be read: " + e);
                }
            }
        }
        if (!notes.isEmpty()) {
            throw mismatch("of its notes the one is missing that tells where it belongs");
        }
        return null;
    }

    private KeptAnswers answersIn(List<Note> notes) throws StorageException {
        KeptAnswers answers = new KeptAnswers();
        for (Note note : notes) {
            if (note.key() != OwnState.PLACE_KEY && note.value() != null) {
                try {
                    answers.found(note.key(), note.value());
                } catch (IllegalArgumentException e) {
                    throw mismatch("a note can't be read: " + e);
                }
            }
        }
        return answers;
    }

    private void check(StatePlace place, @Nullable SnapshotMeta snapshot) throws StorageException {
        LogPosition reached = place.reached();
        LogPosition begin = snapshot == null ? LogPosition.ZERO : snapshot.position();
        boolean isReference = snapshot != null && snapshot.byReference();
        if (reached.index() < begin.index() && !isReference) {
            return; // it is restored from there
        }
        if (reached.index() < begin.index()) {
            throw mismatch(
                    "it reaches "
                            + reached
                            + ", and had said that all up to "
                            + begin
                            + " is durable in it");
        }
        if (reached.index() > found.lastIndex()) {
            throw new StorageException(
                    new Fault(
                            Fault.Code.LOG_REVERTED,
                            "the log of group "
                                    + group
                                    + " on "
                                    + found.id()
                                    + " ends at "
                                    + found.lastIndex()
                                    + ", and the durable state of its state machine holds "
                                    + reached
                                    + ": the log is older than it was, so this replica may have forgotten"
                                    + " what it promised. Nothing was changed, and it doesn't start. Bring"
                                    + " the newest directory back; else remove this node from the group"
                                    + " and add it again, with an empty directory and an empty store."));
        }
        if (found.termAt(reached.index()) != reached.term()) {
            throw mismatch(
                    "it reaches "
                            + reached
                            + ", where the log has an entry of term "
                            + found.termAt(reached.index()));
        }
        if (place.answersFrom() > begin.index() && isReference) {
            throw mismatch(
                    "it keeps the answers of sessions from "
                            + place.answersFrom()
                            + " on, and the newest snapshot that can be read is of "
                            + begin);
        }
    }

    private StorageException mismatch(String what) {
        return new StorageException(
                new Fault(
                        Fault.Code.STATE_MISMATCH,
                        "the durable state that the state machine of group "
                                + group
                                + " brings isn't that of "
                                + found.id()
                                + ": "
                                + what
                                + ". Nothing was changed, and this replica doesn't start. Open it with the"
                                + " store that belongs to this directory; else remove this node from the group"
                                + " and add it again, with an empty directory and an empty store."));
    }
}
