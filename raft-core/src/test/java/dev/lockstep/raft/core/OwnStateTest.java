package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.OPTIONS;
import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.entry;
import static dev.lockstep.raft.core.Driven.N1;
import static dev.lockstep.raft.core.Driven.N2;
import static dev.lockstep.raft.core.Driven.N3;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.FetchSnapshot;
import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A core whose state machine keeps its state durably itself. */
class OwnStateTest {
    private static final Membership THREE = Membership.ofVoters(List.of(N1, N2, N3));
    private static final RaftOptions CUT = OPTIONS.with().keptLogBytes(0).build();

    private static Driven core(
            HardState hardState, @Nullable SnapshotMeta snapshot, long last, LogPosition own) {
        LogPosition base = snapshot == null ? LogPosition.ZERO : snapshot.position();
        RecoveredReplica recovered =
                new RecoveredReplica(
                        N1,
                        new Founding(new UUID(9, 9), THREE, true),
                        hardState,
                        snapshot,
                        base,
                        last == base.index() ? List.of() : List.of(at(1, base.index() + 1)),
                        last,
                        0,
                        List.of());
        return new Driven(
                CUT, recovered.withOwnState(own), List.of(N1.node(), N2.node(), N3.node()));
    }

    /** Leads, with an entry of its term that is committed and applied. */
    private static Driven leader() {
        Driven leader = core(HardState.INITIAL, null, 0, LogPosition.ZERO);
        leader.lead();
        leader.drain();
        leader.receive(N2, new AppendAccepted(leader.core.term(), 1));
        leader.drain();
        leader.step(new Event.Applied(1));
        leader.drain();
        return leader;
    }

    private static void propose(Driven leader) {
        leader.step(new Event.Propose(Ticket.local(1), EntryKind.COMMAND, Payload.of(1)));
    }

    private static void commitAnother(Driven leader) {
        propose(leader);
        leader.drain();
        long last = leader.core.last().index();
        leader.receive(N2, new AppendAccepted(leader.core.term(), last));
        leader.drain();
        leader.step(new Event.Applied(last));
        leader.drain();
    }

    private static <T extends SnapshotWork> List<T> work(Class<T> kind, List<Effect> effects) {
        return Driven.only(Effect.Snapshots.class, effects).stream()
                .map(Effect.Snapshots::work)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    private static List<Effect> news(Driven core, SnapshotNews news) {
        core.step(new Event.Snapshots(news));
        return core.drain();
    }

    private static List<Effect> fetch(Driven core) {
        core.receive(N3, new FetchSnapshot(0, null, 0));
        return core.drain();
    }

    @Test
    void whatTheStateHoldsIsCommittedAndHandedOutWithoutALeader() {
        Driven follower = core(new HardState(5, null), null, 6, at(1, 4));
        assertThat(follower.core.commitIndex()).isEqualTo(4);
        assertThat(Driven.only(Effect.Load.class, follower.effects)).hasSize(1);
    }

    @Test
    void nothingIsAppliedBeforeTheOwnLogHoldsItDurably() {
        Driven leader = leader();
        propose(leader);
        List<Effect.Persist> persists =
                Driven.only(Effect.Persist.class, leader.drainWithoutDisk());
        leader.receive(N2, new AppendAccepted(leader.core.term(), 2));
        leader.receive(N3, new AppendAccepted(leader.core.term(), 2));
        assertThat(Driven.only(Effect.Apply.class, leader.drainWithoutDisk())).isEmpty();
        assertThat(leader.core.commitIndex()).isEqualTo(2);
        leader.step(new Event.Persisted(persists.get(0).token()));
        assertThat(Driven.only(Effect.Apply.class, leader.drainWithoutDisk())).hasSize(1);
    }

    @Test
    void aSnapshotIsByReferenceUntilSomebodyWantsToFetchIt() {
        Driven leader = leader();
        List<SnapshotWork.Take> takes =
                work(SnapshotWork.Take.class, news(leader, new SnapshotNews.Wanted()));
        SnapshotMeta reference = takes.get(0).meta();
        assertThat(reference.byReference()).isTrue();
        assertThat(news(leader, new SnapshotNews.Taken(reference)))
                .as("the log is cut behind it")
                .anyMatch(
                        effect ->
                                effect instanceof Effect.Persist persist && persist.base() != null);

        List<Effect> asked = fetch(leader);
        assertThat(Driven.sent(SnapshotChunk.class, N3, asked)).containsExactly(SnapshotChunk.NONE);
        SnapshotMeta whole = work(SnapshotWork.Take.class, asked).get(0).meta();
        assertThat(whole).isEqualTo(reference.ofTheLog());
        assertThat(work(SnapshotWork.Take.class, fetch(leader))).as("one at a time").isEmpty();
        news(leader, new SnapshotNews.Taken(whole));
        assertThat(work(SnapshotWork.SendChunk.class, fetch(leader)))
                .extracting(SnapshotWork.SendChunk::position)
                .containsExactly(reference.position());
    }

    @Test
    void theOneThatIsFetchedIsServedThoughALaterOneIsByReference() {
        Driven leader = leader();
        news(leader, new SnapshotNews.Taken(take(leader)));
        SnapshotMeta whole = work(SnapshotWork.Take.class, fetch(leader)).get(0).meta();
        assertThat(news(leader, new SnapshotNews.Taken(whole)))
                .as("its file took the other's place")
                .noneMatch(Effect.Snapshots.class::isInstance);
        commitAnother(leader);
        SnapshotMeta later = take(leader);
        assertThat(later.byReference()).isTrue();
        news(leader, new SnapshotNews.Taken(later));
        assertThat(work(SnapshotWork.SendChunk.class, fetch(leader)))
                .extracting(SnapshotWork.SendChunk::position)
                .containsExactly(whole.position());
    }

    private static SnapshotMeta take(Driven leader) {
        return work(SnapshotWork.Take.class, news(leader, new SnapshotNews.Wanted())).get(0).meta();
    }

    @Test
    void aSnapshotThatCouldNotBeTakenIsTakenWhenSomebodyAsksAgain() {
        Driven leader = leader();
        news(leader, new SnapshotNews.Taken(take(leader)));
        SnapshotMeta whole = work(SnapshotWork.Take.class, fetch(leader)).get(0).meta();
        assertThat(news(leader, new SnapshotNews.Failed(whole))).isEmpty();
        assertThat(work(SnapshotWork.Take.class, fetch(leader))).hasSize(1);
    }

    @Test
    void noStateIsTakenWhileItIsAheadOfTheLogThatWasHandedOut() {
        SnapshotMeta snapshot = new SnapshotMeta(at(1, 2), 0, THREE, 0, true);
        Driven follower = core(new HardState(5, null), snapshot, 6, at(1, 6));
        assertThat(follower.core.commitIndex()).isEqualTo(6);
        assertThat(work(SnapshotWork.Take.class, fetch(follower))).isEmpty();
        follower.step(
                new Event.Loaded(
                        3, LongStream.rangeClosed(3, 6).mapToObj(i -> entry(1, i)).toList()));
        List<SnapshotWork.Take> takes = work(SnapshotWork.Take.class, follower.drain());
        assertThat(takes).hasSize(1);
        assertThat(takes.get(0).meta().position()).isEqualTo(at(1, 6));
        assertThat(takes.get(0).meta().byReference()).isFalse();
    }

    /** The page that is asked for ends at 3; when it is read, 4 is written and not synced. */
    @Test
    void aPageThatWasReadBackIsAppliedNoFurtherThanTheOwnDiskHolds() {
        Driven follower = core(new HardState(1, null), null, 3, at(1, 1));
        follower.receive(N2, new AppendEntries(1, at(1, 3), List.of(entry(1, 4)), 4));
        List<Effect> effects = new ArrayList<>(follower.drainWithoutDisk());
        follower.step(new Event.Loaded(1, CoreProbe.log(1, 1, 1, 1)));
        effects.addAll(follower.drainWithoutDisk());
        assertThat(follower.core.commitIndex()).isEqualTo(4);
        assertThat(applied(effects)).containsExactly(1L, 2L, 3L);
        Effect.Persist write = Driven.only(Effect.Persist.class, effects).get(0);
        follower.step(new Event.Persisted(write.token()));
        assertThat(applied(follower.drain())).containsExactly(4L);
    }

    private static List<Long> applied(List<Effect> effects) {
        return Driven.only(Effect.Apply.class, effects).stream()
                .flatMap(apply -> apply.entries().stream())
                .map(Entry::index)
                .toList();
    }

    @Test
    void noStateIsTakenForWhoNeedsALaterOne() {
        SnapshotMeta reference = new SnapshotMeta(at(1, 1), 0, THREE, 0, true);
        Driven source = core(new HardState(1, null), reference, 3, at(1, 1));
        source.receive(N3, new FetchSnapshot(3, null, 0));
        assertThat(work(SnapshotWork.Take.class, source.drain())).isEmpty();
        source.receive(N2, new AppendEntries(1, at(1, 3), List.of(), 3));
        source.drain();
        source.step(new Event.Loaded(2, CoreProbe.logFrom(2, 1, 1)));
        source.drain();
        source.receive(N3, new FetchSnapshot(3, null, 0));
        assertThat(work(SnapshotWork.Take.class, source.drain())).hasSize(1);
    }
}
