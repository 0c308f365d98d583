package dev.lockstep.raft.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.DurableStateMachine;
import dev.lockstep.raft.spi.Note;
import dev.lockstep.raft.spi.SnapshotSource;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of a state that a machine keeps itself when its replica is opened. */
class OwnStateOpeningTest {
    private static final GroupId GROUP = GroupId.of("g");
    private static final ReplicaId SELF = new ReplicaId(NodeId.of("n1"), new UUID(1, 2));

    private final Store store = new Store();

    /** Keeps notes, and nothing else. */
    private static final class Store implements DurableStateMachine {
        final TreeMap<Long, Note> notes = new TreeMap<>();
        final List<String> calls = new ArrayList<>();

        @Override
        public List<Note> open() {
            return List.copyOf(notes.values());
        }

        @Override
        public void commit(List<Note> changes) {
            for (Note note : changes) {
                if (note.value() == null) {
                    assertThat(notes.remove(note.key())).isNotNull();
                } else {
                    notes.put(note.key(), note);
                }
            }
        }

        @Override
        public void sync() {
            calls.add("sync");
        }

        @Override
        public void clear() {
            calls.add("clear");
            notes.clear();
        }

        @Override
        public void restore(DataInputStream in) {}

        @Override
        public SnapshotSource snapshot() {
            return out -> {};
        }

        @Override
        public Payload apply(Command command) {
            return Payload.EMPTY;
        }

        @Override
        public Payload query(Payload question) {
            return Payload.EMPTY;
        }
    }

    private static LogPosition at(long term, long index) {
        return new LogPosition(term, index);
    }

    private static SnapshotMeta snapshot(LogPosition position, boolean byReference) {
        return new SnapshotMeta(position, 0, Membership.ofVoters(List.of(SELF)), 0, byReference);
    }

    /** Entries 1 to 9, those from 6 on of term 2; the log begins behind the snapshot. */
    private static RecoveredReplica replica(
            @Nullable SnapshotMeta snapshot, @Nullable Fault beganAnew) {
        LogPosition base = snapshot == null ? LogPosition.ZERO : snapshot.position();
        return new RecoveredReplica(
                SELF,
                null,
                new HardState(3, null),
                snapshot,
                base,
                base.index() < 5
                        ? List.of(at(1, base.index() + 1), at(2, 6))
                        : List.of(at(2, base.index() + 1)),
                9,
                0,
                List.of(),
                List.of(),
                null,
                beganAnew);
    }

    private void holds(GroupId group, UUID incarnation, LogPosition reached, long answersFrom) {
        store.notes.put(
                OwnState.PLACE_KEY,
                new Note(
                        OwnState.PLACE_KEY,
                        new StatePlace(group.key(), incarnation, reached, answersFrom).encode()));
    }

    private void holds(LogPosition reached, long answersFrom) {
        holds(GROUP, SELF.incarnation(), reached, answersFrom);
    }

    private OwnState open(@Nullable SnapshotMeta snapshot) throws IOException {
        return new OwnStateOpening(GROUP, replica(snapshot, null), store).open();
    }

    private Fault refusal(RecoveredReplica found) {
        Throwable refused = catchThrowable(() -> new OwnStateOpening(GROUP, found, store).open());
        assertThat(refused).isInstanceOf(StorageException.class);
        Fault fault = ((StorageException) refused).fault();
        assertThat(fault.message()).contains("Nothing was changed");
        assertThat(store.calls).isEmpty();
        return fault;
    }

    private Fault.Code refused(@Nullable SnapshotMeta snapshot) {
        return refusal(replica(snapshot, null)).code();
    }

    @Test
    void anEmptyStoreBeginsAtTheBeginning() throws IOException {
        assertThat(open(null).reached()).isEqualTo(LogPosition.ZERO);
        assertThat(open(snapshot(at(1, 3), false)).leadsOnFrom(3)).as("it is restored").isFalse();
    }

    @Test
    void aStateIsTakenUpWhereItEnds() throws IOException {
        holds(at(2, 7), 3);
        OwnState own = open(snapshot(at(1, 3), true));
        assertThat(own.reached()).isEqualTo(at(2, 7));
        assertThat(own.holds(7)).isTrue();
        assertThat(own.holds(8)).isFalse();
        assertThat(own.leadsOnFrom(3)).isTrue();
        assertThat(own.leadsOnFrom(2)).as("answers are missing").isFalse();
        assertThat(own.leadsOnFrom(8)).isFalse();
    }

    @Test
    void aStateOfAnotherReplicaIsRefused() {
        holds(GROUP, new UUID(3, 4), at(2, 7), 0);
        assertThat(refused(null)).isEqualTo(Fault.Code.STATE_MISMATCH);
    }

    @Test
    void aReplicaThatBeganAnewBeginsWithAnEmptyStateToo() throws IOException {
        holds(GROUP, new UUID(3, 4), at(8, 700), 650);
        store.notes.put(700L, new Note(700, Payload.of(1)));
        Fault loss = new Fault(Fault.Code.LOG_CORRUPT, "lost");
        OwnState own = new OwnStateOpening(GROUP, replica(null, loss), store).open();
        assertThat(own.reached()).isEqualTo(LogPosition.ZERO);
        assertThat(store.calls).containsExactly("clear", "sync");

        holds(GroupId.of("other"), new UUID(3, 4), at(8, 700), 650);
        store.calls.clear();
        assertThat(refusal(replica(null, loss)).code()).isEqualTo(Fault.Code.STATE_MISMATCH);
    }

    @Test
    void aStateBeyondTheLogsEndMeansThatTheLogIsOlder() {
        holds(at(2, 10), 0);
        assertThat(refused(null)).isEqualTo(Fault.Code.LOG_REVERTED);
    }

    @Test
    void aStateThatEndsAtAnotherEntryIsRefused() {
        holds(at(1, 7), 0);
        assertThat(refused(null)).isEqualTo(Fault.Code.STATE_MISMATCH);
    }

    @Test
    void aStateBehindASnapshotIsRestoredFromItOrRefusedWhereThatHoldsNone() throws IOException {
        holds(at(1, 3), 0);
        OwnState behind = open(snapshot(at(1, 4), false));
        assertThat(behind.leadsOnFrom(4)).isFalse();
        assertThat(refused(snapshot(at(1, 4), true))).isEqualTo(Fault.Code.STATE_MISMATCH);
    }

    @Test
    void aStateWhoseAnswersBeginTooLateIsRestoredOrRefused() throws IOException {
        holds(at(2, 7), 6);
        assertThat(open(snapshot(at(1, 4), false)).leadsOnFrom(4)).isFalse();
        assertThat(refused(snapshot(at(1, 4), true))).isEqualTo(Fault.Code.STATE_MISMATCH);
    }

    @Test
    void aStateWhoseAnswersBeginTooLateIsMadeAnewWhereTheLogIsWhole() throws IOException {
        holds(at(2, 7), 6);
        assertThat(open(null).reached()).isEqualTo(LogPosition.ZERO);
        assertThat(store.calls).containsExactly("clear", "sync");
    }

    @Test
    void notesThatCannotBeReadAreRefused() {
        store.notes.put(OwnState.PLACE_KEY, new Note(OwnState.PLACE_KEY, Payload.of("what")));
        assertThat(refused(null)).isEqualTo(Fault.Code.STATE_MISMATCH);
        holds(at(2, 7), 0);
        store.notes.put(5L, new Note(5, Payload.of("what else")));
        assertThat(refused(null)).isEqualTo(Fault.Code.STATE_MISMATCH);
        store.notes.remove(OwnState.PLACE_KEY);
        assertThat(refused(null)).isEqualTo(Fault.Code.STATE_MISMATCH);
    }

    private static Entry inSession(long term, long index) {
        return new Entry(term, index, EntryKind.SESSION_COMMAND, 0, Payload.EMPTY);
    }

    @Test
    void answersAreKeptUntilASnapshotHoldsThem() throws IOException {
        OwnState own = open(null);
        own.ran(inSession(1, 1), Payload.of("one"));
        own.ran(inSession(1, 2), Payload.of("two"));
        own.commit(at(1, 3));
        own.ran(inSession(1, 4), Payload.of("four"));
        own.commit(at(1, 5));
        own.commit(at(2, 6));
        assertThat(store.notes.keySet()).containsExactly(0L, 3L, 5L);

        OwnState again = open(null);
        assertThat(again.reached()).isEqualTo(at(2, 6));
        assertThat(again.answerAgain(inSession(1, 1))).isEqualTo(Payload.of("one"));
        assertThat(again.answerAgain(inSession(1, 2))).isEqualTo(Payload.of("two"));
        assertThat(again.answerAgain(inSession(1, 4))).isEqualTo(Payload.of("four"));

        again.snapshotIsDurable(3);
        again.commit(at(2, 7));
        again.snapshotIsDurable(5);
        assertThat(store.notes.keySet()).as("not before the next commit").hasSize(3);
        again.commit(at(2, 8));
        assertThat(store.notes.keySet())
                .as("the older one may be needed if the newer is damaged")
                .containsExactly(0L, 5L);
        OwnState last = open(snapshot(at(1, 3), true));
        assertThat(last.answerAgain(inSession(1, 4))).isEqualTo(Payload.of("four"));
    }

    @Test
    void aRestoredStateHasNoNotesButItsPlace() throws IOException {
        OwnState own = open(null);
        own.ran(inSession(1, 1), Payload.of("one"));
        own.commit(at(1, 1));
        own.restored(at(2, 8));
        assertThat(store.notes.keySet()).containsExactly(0L);
        OwnState again = open(snapshot(at(2, 8), false));
        assertThat(again.reached()).isEqualTo(at(2, 8));
        assertThat(again.leadsOnFrom(8)).isTrue();
        assertThat(again.leadsOnFrom(7)).isFalse();
    }
}
