package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.ELECTION_NANOS;
import static dev.lockstep.raft.core.CoreProbe.HEARTBEAT_NANOS;
import static dev.lockstep.raft.core.CoreProbe.OPTIONS;
import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.entry;
import static dev.lockstep.raft.core.CoreProbe.id;
import static dev.lockstep.raft.core.CoreProbe.logFrom;
import static dev.lockstep.raft.core.CoreProbe.members;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.AppendRejected;
import dev.lockstep.raft.message.FetchSnapshot;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.InstallSnapshot;
import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Snapshots in the protocol, one claim each; the faults of other implementations by name. */
class SnapshotTest {
    /** Nothing of the log is kept behind a snapshot. */
    private static final RaftOptions CUT = OPTIONS.with().keptLogBytes(0).build();

    private static final Membership THREE = Membership.ofVoters(members(3));
    private static final Membership FOUR = Membership.ofVoters(members(4));

    private static SnapshotMeta meta(long term, long index) {
        return new SnapshotMeta(at(term, index), 0, THREE, 0);
    }

    private static <T extends SnapshotWork> List<T> work(CoreProbe probe, Class<T> kind) {
        return probe.effects(Effect.Snapshots.class).stream()
                .map(Effect.Snapshots::work)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    private static void news(CoreProbe probe, SnapshotNews news) {
        if (news instanceof SnapshotNews.Taken taken) {
            probe.disk().publish(taken.meta());
        } else if (news instanceof SnapshotNews.Received received) {
            probe.disk().publish(received.meta());
        }
        probe.event(new Event.Snapshots(news));
    }

    /** Leads term 5 with entries 1 to 5, all committed, of which server 3 holds none. */
    private static CoreProbe leader(RaftOptions options) {
        CoreProbe leader = CoreProbe.leader(options, 3, 5);
        for (int i = 1; i <= 4; i++) {
            leader.propose(i);
        }
        leader.syncAll();
        leader.receive(2, new AppendAccepted(5, 5));
        leader.sent();
        List<Effect.Persist> unusedPersists = leader.effects(Effect.Persist.class);
        return leader;
    }

    private static SnapshotMeta take(CoreProbe probe) {
        news(probe, new SnapshotNews.Wanted());
        return work(probe, SnapshotWork.Take.class).get(0).meta();
    }

    /** The same, with a snapshot at its last entry and nothing else kept. */
    private static CoreProbe compactedLeader() {
        CoreProbe leader = leader(CUT);
        news(leader, new SnapshotNews.Taken(take(leader)));
        leader.syncAll();
        leader.effects();
        leader.sent();
        return leader;
    }

    @Test
    void nearTheLogsBoundNothingIsKeptBehindTheSnapshotThatIsThereOrTaken() {
        CoreProbe leader = leader(OPTIONS);
        news(leader, new SnapshotNews.Taken(take(leader)));
        assertThat(leader.effects(Effect.Persist.class))
                .as("a tail is kept")
                .allMatch(persist -> persist.base() == null);
        news(leader, new SnapshotNews.Crowded());
        assertThat(leader.effects(Effect.Persist.class).get(0).base()).isEqualTo(at(5, 5));
        assertThat(work(leader, SnapshotWork.Take.class)).as("there is one").isEmpty();

        leader = leader(OPTIONS);
        news(leader, new SnapshotNews.Crowded());
        news(leader, new SnapshotNews.Taken(work(leader, SnapshotWork.Take.class).get(0).meta()));
        assertThat(leader.effects(Effect.Persist.class).get(0).base()).isEqualTo(at(5, 5));
    }

    private static CoreProbe follower(long... log) {
        return CoreProbe.follower(CUT, 3, new HardState(5, null), log);
    }

    private static InstallSnapshot offer(long term, long index) {
        return new InstallSnapshot(5, at(term, index), index, id(1 + 1));
    }

    private static SnapshotId file(long term, long index, int number) {
        return new SnapshotId(at(term, index), 10, number);
    }

    private static SnapshotChunk chunk(SnapshotId id, int from, int until) {
        return new SnapshotChunk(id, from, Payload.of("0123456789".substring(from, until)));
    }

    /** Server 2, which leads, has its snapshot fetched and stored. */
    private static void fetch(CoreProbe follower, SnapshotMeta meta) {
        LogPosition position = meta.position();
        SnapshotId id = file(position.term(), position.index(), 2);
        follower.receive(2, offer(position.term(), position.index()));
        follower.receive(2, chunk(id, 0, 10));
        news(follower, new SnapshotNews.Received(id, meta));
    }

    // ---- taking ----

    @Test
    void aSnapshotIsTakenBehindEverythingThatWasHandedOut() {
        CoreProbe leader = leader(CUT);
        news(leader, new SnapshotNews.Wanted());
        List<Effect> effects = leader.effects();
        assertThat(effects.get(effects.size() - 1))
                .isEqualTo(new Effect.Snapshots(new SnapshotWork.Take(takenMeta(leader, 5))));
        assertThat(effects).anyMatch(Effect.Apply.class::isInstance);
    }

    private static SnapshotMeta takenMeta(CoreProbe leader, long index) {
        return new SnapshotMeta(
                at(leader.core.termAt(index), index),
                0,
                THREE,
                leader.core.log.newestTimestampMillis());
    }

    @Test
    void oneIsTakenAfterSoManyBytesAndAgainAfterAsMany() {
        int weight = entry(5, 1).weightBytes();
        CoreProbe leader = CoreProbe.leader(CUT.with().snapshotBytes(2 * weight).build(), 3, 5);
        leader.propose(1);
        leader.syncAll();
        leader.receive(2, new AppendAccepted(5, 2));
        assertThat(work(leader, SnapshotWork.Take.class)).as("a no-op weighs less").isEmpty();
        leader.propose(2);
        leader.syncAll();
        leader.receive(2, new AppendAccepted(5, 3));
        SnapshotMeta first = work(leader, SnapshotWork.Take.class).get(0).meta();
        assertThat(first.position()).isEqualTo(at(5, 3));
        news(leader, new SnapshotNews.Taken(first));
        leader.propose(3);
        leader.syncAll();
        leader.receive(2, new AppendAccepted(5, 4));
        assertThat(work(leader, SnapshotWork.Take.class)).isEmpty();
        leader.propose(4);
        leader.syncAll();
        leader.receive(2, new AppendAccepted(5, 5));
        assertThat(work(leader, SnapshotWork.Take.class)).hasSize(1);
    }

    @Test
    void oneIsTakenAfterSoManyEntriesAndAgainAfterAsMany() {
        CoreProbe leader = CoreProbe.leader(CUT.with().snapshotEntries(3).build(), 3, 5);
        List<Long> taken = new ArrayList<>();
        for (int i = 2; i <= 10; i++) {
            leader.propose(i);
            leader.syncAll();
            leader.receive(2, new AppendAccepted(5, i));
            for (SnapshotWork.Take work : work(leader, SnapshotWork.Take.class)) {
                taken.add(work.meta().position().index());
                news(leader, new SnapshotNews.Taken(work.meta()));
            }
            leader.effects();
        }
        assertThat(taken).containsExactly(3L, 6L, 9L);
    }

    @Test
    void twoQuickSnapshotsAreTakenOneAfterTheOther() {
        CoreProbe leader = leader(CUT);
        SnapshotMeta first = take(leader);
        leader.propose(9);
        leader.syncAll();
        leader.receive(2, new AppendAccepted(5, 6));
        news(leader, new SnapshotNews.Wanted());
        assertThat(work(leader, SnapshotWork.Take.class)).isEmpty();
        news(leader, new SnapshotNews.Taken(first));
        SnapshotMeta second = work(leader, SnapshotWork.Take.class).get(0).meta();
        assertThat(second.position()).isEqualTo(at(5, 6));
        news(leader, new SnapshotNews.Taken(second));
        assertThat(work(leader, SnapshotWork.Drop.class))
                .containsExactly(new SnapshotWork.Drop(first.position()));
        news(leader, new SnapshotNews.Wanted());
        assertThat(work(leader, SnapshotWork.Take.class)).as("nothing is new").isEmpty();
    }

    @Test
    void nothingIsCutBeforeTheSnapshotIsDurable() {
        CoreProbe leader = leader(CUT);
        SnapshotMeta taken = take(leader);
        leader.propose(9);
        assertThat(leader.effects(Effect.Persist.class))
                .allMatch(persist -> persist.base() == null);
        news(leader, new SnapshotNews.Taken(taken));
        assertThat(leader.effects(Effect.Persist.class).get(0).base()).isEqualTo(at(5, 5));
    }

    @Test
    void aSnapshotThatFailedCutsNothingAndIsTriedAgain() {
        CoreProbe leader = leader(CUT);
        news(leader, new SnapshotNews.Failed(take(leader)));
        assertThat(leader.effects(Effect.Persist.class)).isEmpty();
        assertThat(take(leader).position()).isEqualTo(at(5, 5));
    }

    @Test
    void aTailStaysForFollowersThatAreALittleBehind() {
        int weight = entry(5, 1).weightBytes();
        CoreProbe leader = leader(OPTIONS.with().keptLogBytes(2 * weight).build());
        news(leader, new SnapshotNews.Taken(take(leader)));
        assertThat(leader.effects(Effect.Persist.class).get(0).base()).isEqualTo(at(5, 3));
    }

    @Test
    void theConfigurationIsInTheSnapshot() {
        CoreProbe follower = follower();
        Entry change = new Entry(5, 2, EntryKind.CONFIGURATION, 7, MembershipFormat.encode(FOUR));
        follower.append(2, 5, at(0, 0), List.of(entry(5, 1), change, entry(5, 3)), 3);
        SnapshotMeta meta = take(follower);
        assertThat(meta).isEqualTo(new SnapshotMeta(at(5, 3), 2, FOUR, 7));
        follower.syncAll();
        news(follower, new SnapshotNews.Taken(meta));
        follower.syncAll();
        CoreProbe restarted = follower.restart(CUT);
        assertThat(restarted.core.membership()).isEqualTo(FOUR);
        assertThat(restarted.core.last()).isEqualTo(at(5, 3));
    }

    // ---- restart ----

    @Test
    void theCommitIndexIsAtLeastTheSnapshotsAfterARestart() {
        CoreProbe restarted = compactedLeader().restart(CUT);
        assertThat(restarted.core.commitIndex()).isEqualTo(5);
        assertThat(restarted.core.appliedIndex()).isEqualTo(5);
        assertThat(restarted.applied()).isEmpty();
    }

    @Test
    void aSnapshotThatCameBeforeItsLogIsWhereARestartGoesOn() {
        CoreProbe follower = follower(1, 1);
        fetch(follower, meta(5, 9));
        CoreProbe restarted = follower.restart(CUT); // the log was not cut yet
        assertThat(restarted.core.last()).isEqualTo(at(5, 9));
        assertThat(restarted.core.commitIndex()).isEqualTo(9);
        restarted.append(2, 5, at(5, 9), logFrom(10, 5), 10);
        assertThat(restarted.applied()).containsExactly(10L);
    }

    // ---- sending ----

    @Test
    void aFollowerWhoseNextEntryIsGoneIsOfferedTheSnapshot() {
        CoreProbe leader = compactedLeader();
        leader.receive(3, new AppendRejected(5, 0, LogPosition.ZERO));
        leader.passTime(HEARTBEAT_NANOS);
        leader.event(new Event.Connected(id(3).node()));
        assertThat(leader.sentTo(3, InstallSnapshot.class))
                .containsExactly(new InstallSnapshot(5, at(5, 5), 5, id(1)));
        leader.receive(3, new FetchSnapshot(5, null, 0));
        assertThat(work(leader, SnapshotWork.SendChunk.class))
                .containsExactly(
                        new SnapshotWork.SendChunk(
                                id(3), at(5, 5), null, 0, CUT.snapshotChunkBytes()));
    }

    @Test
    void aSnapshotAtTheLastIndexLeavesTheFollowerReplicating() {
        CoreProbe leader = compactedLeader();
        leader.event(new Event.Connected(id(3).node()));
        leader.sent();
        leader.receive(3, new AppendAccepted(5, 5));
        assertThat(leader.sentTo(3, AppendEntries.class)).as("nothing is missing").isEmpty();
        leader.propose(11);
        leader.propose(12);
        assertThat(leader.sentTo(3, AppendEntries.class))
                .as("both at once, not a probe")
                .hasSize(2)
                .first()
                .satisfies(append -> assertThat(append.previous()).isEqualTo(at(5, 5)));
    }

    @Test
    void anIdleLeaderWithACompactedLogOffersASilentFollowerLessAndLessOften() {
        CoreProbe leader = compactedLeader();
        leader.event(new Event.Connected(id(3).node()));
        int early = 0;
        int late = 0;
        for (int i = 0; i < 300; i++) {
            leader.receive(2, new HeartbeatReply(5, 0));
            leader.passTime(HEARTBEAT_NANOS);
            int offers = leader.sentTo(3, InstallSnapshot.class).size();
            early += i < 50 ? offers : 0;
            late += i >= 250 ? offers : 0;
        }
        assertThat(early).isGreaterThan(late);
        assertThat(late).as("and never stops").isBetween(0, 2);
        leader.sent();
        leader.receive(3, new HeartbeatReply(5, 0));
        leader.passTime(ELECTION_NANOS);
        leader.receive(2, new HeartbeatReply(5, 0));
        leader.passTime(16 * ELECTION_NANOS / 2);
        assertThat(leader.sentTo(3, InstallSnapshot.class)).isNotEmpty();
    }

    @Test
    void aSnapshotIsPinnedWhileItIsFetched() {
        CoreProbe leader = compactedLeader();
        leader.receive(3, new FetchSnapshot(5, null, 0));
        leader.propose(9);
        leader.syncAll();
        leader.receive(2, new AppendAccepted(5, 6));
        leader.effects();
        news(leader, new SnapshotNews.Taken(take(leader)));
        assertThat(work(leader, SnapshotWork.Drop.class)).isEmpty();
        leader.receive(3, new FetchSnapshot(5, file(5, 5, 1), 4));
        assertThat(work(leader, SnapshotWork.SendChunk.class).get(0).position())
                .isEqualTo(at(5, 5));
    }

    /** Commits so many more entries than the five, takes a snapshot behind them, and cuts. */
    private static LogPosition baseAfterMore(CoreProbe leader, int more) {
        for (int i = 0; i < more; i++) {
            leader.propose(100 + i);
        }
        leader.syncAll();
        leader.receive(2, new AppendAccepted(5, leader.core.last().index()));
        List<SnapshotWork.Take> due = work(leader, SnapshotWork.Take.class);
        leader.effects();
        news(leader, new SnapshotNews.Taken(due.isEmpty() ? take(leader) : due.get(0).meta()));
        List<Effect.Persist> cuts = leader.effects(Effect.Persist.class);
        LogPosition base = cuts.isEmpty() ? null : cuts.get(0).base();
        return base == null ? at(5, 5) : base;
    }

    /** Server 3 was offered the snapshot of entry 5, and was heard since. */
    private static CoreProbe leaderOfOneThatFetches(RaftOptions options) {
        CoreProbe leader = leader(options);
        news(leader, new SnapshotNews.Taken(take(leader)));
        leader.syncAll();
        assertThat(leader.sentTo(3, InstallSnapshot.class)).hasSize(1);
        leader.receive(3, new HeartbeatReply(5, 0));
        return leader;
    }

    /** Or it would fetch for ever where snapshots are taken faster than they are sent. */
    @Test
    void whoFetchesASnapshotFindsTheLogBehindItStillThere() {
        CoreProbe leader = leaderOfOneThatFetches(CUT);
        assertThat(baseAfterMore(leader, 3)).isEqualTo(at(5, 5));
        assertThat(baseAfterMore(leader, 3)).isEqualTo(at(5, 5));
        leader.receive(3, new AppendAccepted(5, 5));
        assertThat(baseAfterMore(leader, 1)).as("it has what it fetched").isEqualTo(at(5, 12));
    }

    @Test
    void theLogIsNoHostageOfOneThatFellSilentWhileItFetched() {
        CoreProbe leader = leaderOfOneThatFetches(CUT);
        leader.passTime(ELECTION_NANOS / 2);
        leader.receive(2, new HeartbeatReply(5, 0));
        leader.passTime(ELECTION_NANOS / 2);
        assertThat(baseAfterMore(leader, 3)).isEqualTo(at(5, 8));
    }

    @Test
    void theLogBehindASnapshotThatIsFetchedIsKeptWithinABound() {
        int weight = entry(5, 1).weightBytes();
        CoreProbe leader = leaderOfOneThatFetches(CUT.with().snapshotBytes(2 * weight).build());
        assertThat(baseAfterMore(leader, 12)).isEqualTo(at(5, 17));
    }

    @Test
    void aFollowerServesItsOwnSnapshotAndSaysWhenItHasNone() {
        CoreProbe follower = follower();
        follower.receive(3, new FetchSnapshot(1, null, 0));
        assertThat(follower.sentTo(3, SnapshotChunk.class)).containsExactly(SnapshotChunk.NONE);
        follower.append(2, 5, at(0, 0), logFrom(1, 5, 5), 2);
        follower.syncAll();
        news(follower, new SnapshotNews.Taken(take(follower)));
        follower.receive(3, new FetchSnapshot(1, null, 0));
        assertThat(work(follower, SnapshotWork.SendChunk.class)).hasSize(1);
    }

    // ---- fetching ----

    @Test
    void aSnapshotIsFetchedPartByPartEachAfterTheOneBeforeIsStored() {
        CoreProbe follower = follower();
        SnapshotId id = file(5, 9, 2);
        follower.receive(2, offer(5, 9));
        follower.receive(2, chunk(id, 0, 4));
        assertThat(follower.sentTo(2, FetchSnapshot.class))
                .containsExactly(new FetchSnapshot(9, null, 0));
        follower.receive(2, chunk(id, 4, 8));
        assertThat(work(follower, SnapshotWork.StoreChunk.class)).as("one at a time").hasSize(1);
        news(follower, new SnapshotNews.Stored(id, 4));
        assertThat(follower.sentTo(2, FetchSnapshot.class))
                .containsExactly(new FetchSnapshot(9, id, 4));
    }

    @Test
    void aBreakResumesBehindWhatIsStored() {
        CoreProbe follower = follower();
        SnapshotId id = file(5, 9, 2);
        follower.receive(2, offer(5, 9));
        follower.receive(2, chunk(id, 0, 4));
        news(follower, new SnapshotNews.Stored(id, 4));
        follower.sent();
        follower.receive(2, offer(5, 9));
        assertThat(follower.sent(FetchSnapshot.class)).as("an answer may still come").isEmpty();
        for (int i = 0; i < 10; i++) {
            follower.receive(2, new Heartbeat(5, 0, 0));
            follower.passTime(HEARTBEAT_NANOS);
        }
        follower.receive(2, offer(5, 9));
        assertThat(follower.sent(FetchSnapshot.class)).containsExactly(new FetchSnapshot(9, id, 4));
    }

    @Test
    void anotherFileStartsAfresh() {
        CoreProbe follower = follower();
        SnapshotId id = file(5, 9, 2);
        follower.receive(2, offer(5, 9));
        follower.receive(2, chunk(id, 0, 4));
        news(follower, new SnapshotNews.Stored(id, 4));
        work(follower, SnapshotWork.StoreChunk.class);
        follower.receive(2, chunk(file(5, 9, 3), 4, 8));
        assertThat(work(follower, SnapshotWork.StoreChunk.class)).as("of another").isEmpty();
        follower.receive(2, SnapshotChunk.NONE);
        follower.sent();
        follower.receive(2, offer(5, 12));
        assertThat(follower.sent(FetchSnapshot.class))
                .containsExactly(new FetchSnapshot(12, null, 0));
        follower.receive(2, chunk(file(5, 12, 3), 0, 4));
        assertThat(work(follower, SnapshotWork.StoreChunk.class).get(0).offset()).isZero();
    }

    @Test
    void aReceiverThatRestartsInMidTransferStartsCleanly() {
        CoreProbe follower = follower(5);
        SnapshotId id = file(5, 9, 2);
        follower.receive(2, offer(5, 9));
        follower.receive(2, chunk(id, 0, 4));
        news(follower, new SnapshotNews.Stored(id, 4));
        CoreProbe restarted = follower.restart(CUT);
        assertThat(restarted.core.last()).isEqualTo(at(5, 1));
        restarted.receive(2, chunk(id, 4, 8));
        assertThat(work(restarted, SnapshotWork.StoreChunk.class)).isEmpty();
        restarted.receive(2, offer(5, 9));
        assertThat(restarted.sent(FetchSnapshot.class))
                .containsExactly(new FetchSnapshot(9, null, 0));
    }

    @Test
    void aSourceThatHasNoneIsReplacedByTheLeader() {
        CoreProbe follower = follower();
        InstallSnapshot elsewhere = new InstallSnapshot(5, at(5, 9), 9, id(3));
        follower.receive(2, elsewhere);
        assertThat(follower.sentTo(3, FetchSnapshot.class)).hasSize(1);
        follower.receive(3, SnapshotChunk.NONE);
        follower.receive(2, elsewhere);
        assertThat(follower.sentTo(2, FetchSnapshot.class)).hasSize(1);
    }

    // ---- installing ----

    @Test
    void aSnapshotAtOrBelowTheCommitIndexIsAcknowledgedAndIgnored() {
        CoreProbe follower = follower();
        follower.append(2, 5, at(0, 0), logFrom(1, 5, 5, 5), 3);
        follower.syncAll();
        follower.sent();
        follower.receive(2, offer(5, 2));
        assertThat(follower.sent(AppendAccepted.class)).containsExactly(new AppendAccepted(5, 3));
        assertThat(follower.sent(FetchSnapshot.class)).isEmpty();
    }

    /** Else it could be sent a snapshot that is older than its own state, for ever (seed 1646). */
    @Test
    void whoHoldsWhatTheLeadersLogGoesOnFromSaysSoAndFetchesNothing() {
        CoreProbe follower = follower();
        follower.append(2, 5, at(0, 0), logFrom(1, 5, 5, 5), 3);
        follower.syncAll();
        follower.sent();
        follower.receive(2, new InstallSnapshot(5, at(5, 4), 2, id(3)));
        assertThat(follower.sent(AppendAccepted.class)).containsExactly(new AppendAccepted(5, 3));
        assertThat(follower.sent(FetchSnapshot.class)).isEmpty();
        follower.receive(2, new InstallSnapshot(5, at(5, 9), 4, id(2)));
        assertThat(follower.sent(FetchSnapshot.class)).hasSize(1);
    }

    @Test
    void anOlderSnapshotIsNeverInstalledOverANewerState() {
        CoreProbe follower = follower();
        SnapshotId id = file(5, 2, 2);
        follower.receive(2, offer(5, 2));
        follower.receive(2, chunk(id, 0, 10));
        follower.append(2, 5, at(0, 0), logFrom(1, 5, 5, 5), 3);
        follower.syncAll();
        follower.effects();
        news(follower, new SnapshotNews.Received(id, meta(5, 2)));
        assertThat(work(follower, SnapshotWork.Restore.class)).isEmpty();
        assertThat(follower.core.last()).isEqualTo(at(5, 3));
        assertThat(follower.core.commitIndex()).isEqualTo(3);
    }

    @Test
    void aLogThatHoldsTheSnapshotsPositionNeedsNone() {
        CoreProbe follower = follower(5, 5, 5);
        follower.receive(2, offer(5, 2));
        assertThat(follower.sent(FetchSnapshot.class)).isEmpty();
        follower.syncAll();
        assertThat(follower.core.commitIndex()).isEqualTo(2);
        assertThat(follower.sent(AppendAccepted.class)).containsExactly(new AppendAccepted(5, 2));
    }

    @Test
    void aSnapshotOverAConflictingLogDropsTheSuffixAndItsConfiguration() {
        CoreProbe follower = follower(1);
        Entry change = new Entry(3, 2, EntryKind.CONFIGURATION, 0, MembershipFormat.encode(FOUR));
        follower.append(2, 5, at(1, 1), List.of(change, entry(3, 3), entry(3, 4)), 1);
        assertThat(follower.core.membership()).isEqualTo(FOUR);
        follower.syncAll();
        follower.effects();
        fetch(follower, meta(5, 3));
        assertThat(follower.core.last()).isEqualTo(at(5, 3));
        assertThat(follower.core.membership()).isEqualTo(THREE);
        Effect.Persist persist = follower.effects(Effect.Persist.class).get(0);
        assertThat(persist.truncateFrom()).isEqualTo(1);
        assertThat(persist.base()).isEqualTo(at(5, 3));
    }

    @Test
    void whereTheLogHoldsThePositionItsSuffixStays() {
        CoreProbe follower = follower();
        SnapshotId id = file(5, 3, 2);
        follower.receive(2, offer(5, 3));
        follower.receive(2, chunk(id, 0, 10));
        Entry change = new Entry(5, 4, EntryKind.CONFIGURATION, 0, MembershipFormat.encode(FOUR));
        follower.append(2, 5, at(0, 0), List.of(entry(5, 1), entry(5, 2), entry(5, 3), change), 1);
        news(follower, new SnapshotNews.Received(id, meta(5, 3)));
        assertThat(follower.core.last()).isEqualTo(at(5, 4));
        assertThat(follower.core.membership())
                .as("an older snapshot's configuration never overwrites a newer one")
                .isEqualTo(FOUR);
        assertThat(work(follower, SnapshotWork.Restore.class)).hasSize(1);
    }

    @Test
    void anInstalledSnapshotIsAcknowledgedOnceTheLogBehindItIsDurable() {
        CoreProbe follower = follower(1, 1);
        fetch(follower, meta(5, 9));
        assertThat(work(follower, SnapshotWork.Restore.class))
                .containsExactly(new SnapshotWork.Restore(meta(5, 9)));
        assertThat(follower.sent(AppendAccepted.class)).isEmpty();
        follower.syncAll();
        assertThat(follower.sent(AppendAccepted.class)).containsExactly(new AppendAccepted(5, 9));
    }

    @Test
    void anInstallThatTakesLongerThanTheTimeoutIsAcknowledgedAllTheSame() {
        CoreProbe leader = compactedLeader();
        leader.event(new Event.Connected(id(3).node()));
        for (int i = 0; i < 40; i++) {
            leader.receive(2, new HeartbeatReply(5, 0));
            leader.passTime(HEARTBEAT_NANOS);
        }
        leader.sent();
        leader.receive(3, new AppendAccepted(5, 5));
        leader.propose(9);
        assertThat(leader.sentTo(3, AppendEntries.class).get(0).previous()).isEqualTo(at(5, 5));
    }

    @Test
    void whatWasBeingReadBackForTheStateMachineIsForgotten() {
        RaftOptions uncached = CUT.with().cacheBytes(0).build();
        CoreProbe follower = CoreProbe.follower(uncached, 3, new HardState(5, null), 5, 5, 5);
        follower.append(2, 5, at(5, 3), List.of(), 2);
        assertThat(follower.effects(Effect.Load.class)).hasSize(1);
        fetch(follower, meta(5, 9));
        follower.event(new Event.Loaded(1, logFrom(1, 5, 5, 5)));
        assertThat(follower.applied()).isEmpty();
        follower.event(new Event.Applied(9));
        follower.append(2, 5, at(5, 9), logFrom(10, 5), 10);
        assertThat(follower.applied()).containsExactly(10L);
    }

    @Test
    void aSnapshotCountsAsAppliedOnceItIsRestored() {
        CoreProbe follower = follower();
        fetch(follower, meta(5, 9));
        follower.syncAll();
        assertThat(follower.core.commitIndex()).isEqualTo(9);
        assertThat(follower.core.appliedIndex()).isZero();
        follower.event(new Event.Applied(9));
        assertThat(follower.core.appliedIndex()).isEqualTo(9);
    }

    @Test
    void aRestoredSnapshotIsNoAnswerToWhatWasHandedOutBehindIt() {
        CoreProbe follower = follower();
        fetch(follower, meta(5, 9));
        follower.append(2, 5, at(5, 9), logFrom(10, 5), 10);
        follower.syncAll();
        assertThat(follower.applied()).containsExactly(10L);
        follower.machineIsStuck = true;
        follower.event(new Event.Applied(9));
        follower.passTime(HEARTBEAT_NANOS);
        assertThat(follower.core.health.stalledNanos()).isEqualTo(HEARTBEAT_NANOS);
        follower.event(new Event.Applied(10));
        assertThat(follower.core.health.stalledNanos()).isZero();
    }

    @Test
    void aPreviousEntryThatIsCompactedIsNoConflict() {
        CoreProbe follower = follower();
        fetch(follower, meta(5, 9));
        follower.syncAll();
        follower.sent();
        follower.append(2, 5, at(5, 7), logFrom(8, 5, 5, 5), 10);
        assertThat(follower.sent(AppendRejected.class)).isEmpty();
        assertThat(follower.core.last()).isEqualTo(at(5, 10));
        assertThat(follower.applied()).containsExactly(10L);
    }

    @Test
    void aSnapshotThatIsFetchedWhileTheSameOneIsTakenIsNotDropped() {
        CoreProbe follower = follower();
        follower.append(2, 5, at(0, 0), List.of(entry(5, 1), entry(5, 2), entry(5, 3)), 3);
        SnapshotMeta meta = take(follower);
        SnapshotId fetched = new SnapshotId(meta.position(), 100, 7);
        news(follower, new SnapshotNews.Received(fetched, meta));
        news(follower, new SnapshotNews.Taken(meta));
        assertThat(work(follower, SnapshotWork.Drop.class))
                .as("there is one file of a position, and the log is cut by it")
                .isEmpty();
    }
}
