package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.AppendRejected;
import dev.lockstep.raft.message.EntryCopy;
import dev.lockstep.raft.message.FetchEntry;
import dev.lockstep.raft.message.FetchSnapshot;
import dev.lockstep.raft.message.InstallSnapshot;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** How damage ends: by a copy, a snapshot, a later leader, or a second look at the disk. */
class DamageTest {
    private static final RaftOptions OPTIONS = RaftOptions.defaults();
    private static final Fault DAMAGE = new Fault(Fault.Code.LOG_CORRUPT, "a file, an offset");
    private static final Membership THREE =
            Membership.ofVoters(List.of(Driven.N1, Driven.N2, Driven.N3));
    private static final long TERM = 3;

    /** N1 with the log 1:1 to 1:3, 2:4 to 2:6, of which those are damaged. */
    private static Driven damaged(LogPosition... positions) {
        return replica(List.of(at(1, 1), at(2, 4)), 6, List.of(positions));
    }

    private static Driven replica(
            List<LogPosition> terms, long lastIndex, List<LogPosition> damaged) {
        return new Driven(
                OPTIONS,
                new RecoveredReplica(
                        Driven.N1,
                        new Founding(new UUID(9, 9), THREE, true),
                        new HardState(TERM, null),
                        null,
                        LogPosition.ZERO,
                        terms,
                        lastIndex,
                        0,
                        List.of(),
                        damaged,
                        DAMAGE,
                        null),
                List.of(Driven.N1.node(), Driven.N2.node(), Driven.N3.node()));
    }

    /** A sound replica with so many entries of term 1, all of them committed. */
    private static Driven committed(RaftOptions options, long lastIndex) {
        Driven driven = new Driven(options, 1, List.of(at(1, 1)), lastIndex);
        driven.receive(Driven.N2, new AppendEntries(1, at(1, lastIndex), List.of(), lastIndex));
        driven.drain();
        return driven;
    }

    private static LogPosition at(long term, long index) {
        return new LogPosition(term, index);
    }

    private static Entry entry(long term, long index) {
        return new Entry(term, index, EntryKind.COMMAND, index, Payload.of("e" + index));
    }

    private static List<Entry> entries(long from, long until) {
        return LongStream.rangeClosed(from, until).mapToObj(index -> entry(1, index)).toList();
    }

    private static List<Effect> receive(Driven driven, ReplicaId from, Message message) {
        driven.receive(from, message);
        return driven.drain();
    }

    private static List<Effect> append(
            Driven driven, LogPosition previous, long commit, Entry... entries) {
        return receive(
                driven, Driven.N2, new AppendEntries(TERM, previous, List.of(entries), commit));
    }

    private static SnapshotId file(LogPosition position) {
        return new SnapshotId(position, 10, 1);
    }

    /** N2, which leads, offers its snapshot, and it comes in one part. */
    private static void fetch(Driven driven, LogPosition position) {
        driven.receive(
                Driven.N2,
                new InstallSnapshot(driven.core.term(), position, position.index(), Driven.N2));
        driven.receive(Driven.N2, new SnapshotChunk(file(position), 0, Payload.of("0123456789")));
    }

    private static void received(Driven driven, LogPosition position) {
        driven.step(
                new Event.Snapshots(
                        new SnapshotNews.Received(
                                file(position), new SnapshotMeta(position, 0, THREE, 0))));
    }

    private static boolean isOver(Driven driven) {
        List<Effect.Warned> told = Driven.only(Effect.Warned.class, driven.effects);
        assertThat(told).isNotEmpty();
        return told.get(told.size() - 1).fault() == null;
    }

    private static List<Entry> copies(List<Effect> effects) {
        return Driven.only(Effect.Persist.class, effects).stream()
                .flatMap(persist -> persist.copies().stream())
                .toList();
    }

    private static List<SnapshotWork> work(List<Effect> effects) {
        return Driven.only(Effect.Snapshots.class, effects).stream()
                .map(Effect.Snapshots::work)
                .toList();
    }

    // ---- by a snapshot ----

    /** Others have compacted past the entry, so there is no copy of it any more. */
    @Test
    void aSnapshotBelowTheCommitIndexEndsDamageThatTheStateMachineHasNotPassed() {
        Driven driven = committed(OPTIONS, 100);
        driven.step(new Event.Loaded(1, entries(1, 49)));
        driven.drain();
        driven.step(new Event.Applied(49));
        driven.step(new Event.Damaged(at(1, 50), DAMAGE));
        driven.drain();
        assertThat(isOver(driven)).isFalse();
        assertThat(driven.core.commitIndex()).isEqualTo(100);

        driven.effects.clear();
        fetch(driven, at(1, 80));
        List<Effect> fetching = driven.drain();
        assertThat(Driven.sent(FetchSnapshot.class, Driven.N2, fetching))
                .containsExactly(new FetchSnapshot(80, null, 0));
        received(driven, at(1, 80));
        List<Effect> installed = driven.drain();
        assertThat(work(installed))
                .contains(new SnapshotWork.Restore(new SnapshotMeta(at(1, 80), 0, THREE, 0)));
        assertThat(isOver(driven)).isTrue();
        assertThat(driven.core.commitIndex()).isEqualTo(100);
        assertThat(driven.core.last()).isEqualTo(at(1, 100));
        assertThat(Driven.only(Effect.Load.class, installed))
                .as("the state machine goes on behind it")
                .extracting(Effect.Load::from)
                .containsExactly(81L);
    }

    @Test
    void aSnapshotBelowTheDamageIsOfNoUse() {
        Driven driven = committed(OPTIONS, 100);
        driven.step(new Event.Damaged(at(1, 50), DAMAGE));
        driven.drain();
        driven.effects.clear();
        List<Effect> effects =
                receive(driven, Driven.N2, new InstallSnapshot(1, at(1, 49), 49, Driven.N2));
        assertThat(Driven.sent(FetchSnapshot.class, Driven.N2, effects)).isEmpty();
        assertThat(Driven.sent(AppendAccepted.class, Driven.N2, effects))
                .containsExactly(new AppendAccepted(1, 49));
    }

    @Test
    void theLogUpToTheDamageNeedsNoSnapshot() {
        Driven driven = damaged(at(1, 2));
        List<Effect> effects =
                receive(driven, Driven.N2, new InstallSnapshot(TERM, at(1, 1), 1, Driven.N2));
        assertThat(Driven.sent(FetchSnapshot.class, Driven.N2, effects)).isEmpty();
        assertThat(Driven.sent(AppendAccepted.class, Driven.N2, effects))
                .containsExactly(new AppendAccepted(TERM, 1));
    }

    @Test
    void aSnapshotEndsTheDamageThatItStandsForAndNoOther() {
        Driven driven = damaged(at(1, 2), at(2, 5));
        fetch(driven, at(1, 2));
        driven.drain();
        driven.receive(Driven.N3, new EntryCopy(entry(1, 2)));
        driven.receive(Driven.N3, new EntryCopy(entry(2, 5)));
        received(driven, at(1, 2));
        List<Effect> written = driven.drainWithoutDisk();
        assertThat(copies(written)).containsExactly(entry(2, 5));
        assertThat(isOver(driven)).isFalse();
        append(driven, at(2, 6), 6);
        assertThat(driven.core.commitIndex()).as("5 isn't durable yet").isEqualTo(4);
    }

    @Test
    void aSnapshotBehindAllDamageEndsIt() {
        Driven driven = damaged(at(1, 2), at(2, 5));
        fetch(driven, at(2, 5));
        received(driven, at(2, 5));
        driven.drain();
        assertThat(isOver(driven)).isTrue();
        assertThat(driven.core.last()).as("what follows stays").isEqualTo(at(2, 6));
        append(driven, at(2, 6), 6);
        assertThat(driven.core.commitIndex()).isEqualTo(6);
    }

    @Test
    void aSnapshotInPlaceOfALogThatIsInConflictEndsAllDamage() {
        Driven driven = damaged(at(1, 2), at(2, 5));
        fetch(driven, at(TERM, 4));
        received(driven, at(TERM, 4));
        driven.drain();
        assertThat(driven.core.last()).isEqualTo(at(TERM, 4));
        assertThat(isOver(driven)).isTrue();
    }

    /** Else only a snapshot of another could, and of the same index nobody offers one. */
    @Test
    void theOwnStateStandsForDamageThatTheStateMachineHasPassed() {
        Driven driven = committed(OPTIONS, 5);
        driven.step(new Event.Loaded(1, entries(1, 5)));
        driven.drain();
        driven.step(new Event.Applied(5));
        driven.step(new Event.Damaged(at(1, 3), DAMAGE)); // read for somebody else
        SnapshotWork.Take take = (SnapshotWork.Take) work(driven.drain()).get(0);
        assertThat(isOver(driven)).isFalse();
        driven.step(new Event.Snapshots(new SnapshotNews.Taken(take.meta())));
        driven.drain();
        assertThat(isOver(driven)).isTrue();
        assertThat(driven.core.firstIndex()).isEqualTo(6);
    }

    @Test
    void whatASnapshotStandsForIsNoDamage() {
        Driven driven =
                new Driven(
                        OPTIONS,
                        1,
                        new SnapshotMeta(at(1, 10), 0, THREE, 0),
                        List.of(at(1, 11)),
                        12);
        driven.step(new Event.Damaged(at(1, 10), DAMAGE));
        driven.drain();
        assertThat(Driven.only(Effect.Warned.class, driven.effects)).isEmpty();
    }

    // ---- by a leader of a later term ----

    @Test
    void aCopyOfWhatALaterLeaderDropsIsNotWritten() {
        Driven driven = damaged(at(1, 2), at(2, 5));
        driven.receive(Driven.N3, new EntryCopy(entry(1, 2)));
        driven.receive(Driven.N3, new EntryCopy(entry(2, 5)));
        driven.receive(Driven.N2, new AppendEntries(TERM, at(2, 4), List.of(entry(TERM, 5)), 0));
        List<Effect> written = driven.drainWithoutDisk();
        assertThat(copies(written)).containsExactly(entry(1, 2));
        assertThat(Driven.only(Effect.Persist.class, written).get(0).truncateFrom()).isEqualTo(5);
    }

    @Test
    void aLaterLeaderThatDropsAllThatIsDamagedEndsIt() {
        Driven driven = damaged(at(1, 2), at(2, 5));
        append(driven, at(1, 1), 1, entry(TERM, 2));
        assertThat(driven.core.last()).isEqualTo(at(TERM, 2));
        assertThat(isOver(driven)).isTrue();
    }

    // ---- by a copy ----

    @Test
    void aCopyMakesGoodOnlyOnceItIsDurableItself() {
        Driven driven = damaged(at(1, 2), at(2, 5));
        append(driven, at(2, 6), 6);
        driven.receive(Driven.N3, new EntryCopy(entry(1, 2)));
        List<Effect> first = driven.drainWithoutDisk();
        driven.receive(Driven.N3, new EntryCopy(entry(2, 5)));
        List<Effect> second = driven.drainWithoutDisk();
        assertThat(copies(second)).containsExactly(entry(2, 5));
        driven.step(new Event.Persisted(Driven.only(Effect.Persist.class, first).get(0).token()));
        append(driven, at(2, 6), 6);
        assertThat(driven.core.commitIndex()).isEqualTo(4);
        assertThat(isOver(driven)).isFalse();
        driven.step(new Event.Persisted(Driven.only(Effect.Persist.class, second).get(0).token()));
        append(driven, at(2, 6), 6);
        assertThat(driven.core.commitIndex()).isEqualTo(6);
        assertThat(isOver(driven)).isTrue();
    }

    @Test
    void aWitnessesPositionIsNoCopyForAFullReplica() {
        Driven driven = damaged(at(1, 2));
        List<Effect> effects = receive(driven, Driven.N2, new EntryCopy(entry(1, 2).forWitness()));
        assertThat(Driven.only(Effect.Persist.class, effects)).isEmpty();
    }

    @Test
    void itAsksOncePerHeartbeatIntervalAndForNotTooMuchAtOnce() {
        List<LogPosition> twenty =
                LongStream.rangeClosed(1, 20).mapToObj(index -> at(1, index)).toList();
        Driven driven = replica(List.of(at(1, 1)), 20, twenty);
        driven.step(Event.Wake.INSTANCE);
        List<FetchEntry> asked = asked(driven.drain());
        assertThat(asked)
                .containsExactlyElementsOf(
                        twenty.subList(0, 16).stream().map(FetchEntry::new).toList());
        driven.step(Event.Wake.INSTANCE);
        assertThat(asked(driven.drain())).as("too early").isEmpty();
        driven.receive(Driven.N2, new EntryCopy(entry(1, 1)));
        driven.drain();
        driven.pass(OPTIONS.heartbeatInterval().toNanos());
        driven.step(Event.Wake.INSTANCE);
        assertThat(asked(driven.drain()))
                .containsExactlyElementsOf(
                        twenty.subList(1, 17).stream().map(FetchEntry::new).toList());
    }

    private static List<FetchEntry> asked(List<Effect> effects) {
        List<FetchEntry> asked = new ArrayList<>();
        asked.addAll(Driven.sent(FetchEntry.class, Driven.N2.node(), effects));
        asked.addAll(Driven.sent(FetchEntry.class, Driven.N3.node(), effects));
        return asked;
    }

    @Test
    void whoAskedForACopyIsAnsweredOnce() {
        Driven driven = damaged(at(1, 2));
        receive(driven, Driven.N3, new FetchEntry(at(2, 4)));
        driven.step(new Event.Loaded(4, List.of(entry(2, 4))));
        driven.step(new Event.Loaded(4, List.of(entry(2, 4))));
        assertThat(Driven.sent(EntryCopy.class, Driven.N3, driven.drain())).hasSize(1);
    }

    // ---- by another look ----

    @Test
    void whatTheDiskGivesBackAfterAllIsAcknowledgedAtOnce() {
        Driven driven = new Driven(OPTIONS, 1, List.of(at(1, 1)), 5);
        driven.receive(Driven.N2, new AppendEntries(1, at(1, 5), List.of(), 0));
        driven.step(new Event.Damaged(at(1, 3), DAMAGE));
        List<Effect> before = driven.drain();
        assertThat(Driven.sent(AppendAccepted.class, Driven.N2, before))
                .containsExactly(new AppendAccepted(1, 2));
        driven.step(new Event.Loaded(2, List.of(entry(1, 2)))); // read for something else
        assertThat(Driven.sent(AppendAccepted.class, Driven.N2, driven.drain())).isEmpty();
        driven.step(new Event.Loaded(3, List.of(entry(1, 3))));
        assertThat(Driven.sent(AppendAccepted.class, Driven.N2, driven.drain()))
                .containsExactly(new AppendAccepted(1, 5));
        assertThat(isOver(driven)).isTrue();
    }

    @Test
    void theStateMachineIsGivenWhatCouldNotBeReadOnceItIsRepaired() {
        Driven driven = committed(OPTIONS, 5);
        driven.step(new Event.Damaged(at(1, 1), DAMAGE)); // answers what was read for it
        driven.drain();
        List<Effect> effects = receive(driven, Driven.N3, new EntryCopy(entry(1, 1)));
        effects = new ArrayList<>(effects);
        effects.addAll(driven.drain());
        assertThat(Driven.only(Effect.Load.class, effects))
                .extracting(Effect.Load::from)
                .containsExactly(1L);
        driven.step(new Event.Loaded(1, entries(1, 5)));
        assertThat(Driven.only(Effect.Apply.class, driven.drain()))
                .containsExactly(new Effect.Apply(entries(1, 5)));
    }

    /** It was asked for in an earlier role, and is in the way of nobody any more. */
    @Test
    void aLeaderReadsAgainWhereWhatWasDamagedHasLeftTheLog() {
        Driven leader = new Driven(OPTIONS, 1, List.of(at(1, 1)), 5);
        leader.lead();
        leader.drain();
        leader.receive(Driven.N2, new AppendRejected(2, 5, LogPosition.ZERO));
        List<Effect> reading = leader.drain();
        assertThat(Driven.only(Effect.Load.class, reading))
                .extracting(Effect.Load::from)
                .containsExactly(1L);
        leader.step(new Event.Damaged(at(2, 1), DAMAGE));
        assertThat(Driven.only(Effect.Load.class, leader.drain()))
                .extracting(Effect.Load::from)
                .containsExactly(1L);
        assertThat(Driven.only(Effect.Warned.class, leader.effects)).isEmpty();
    }
}
