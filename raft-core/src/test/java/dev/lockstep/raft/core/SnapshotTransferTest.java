package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.HEARTBEAT_NANOS;
import static dev.lockstep.raft.core.CoreProbe.OPTIONS;
import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.entry;
import static dev.lockstep.raft.core.CoreProbe.id;
import static dev.lockstep.raft.core.CoreProbe.logFrom;
import static dev.lockstep.raft.core.CoreProbe.members;
import static dev.lockstep.raft.core.CoreProbe.witness;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.EntryCopy;
import dev.lockstep.raft.message.FetchEntry;
import dev.lockstep.raft.message.FetchSnapshot;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.InstallSnapshot;
import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who offers a snapshot when and from where, whom it is asked for, and which ones are dropped. */
class SnapshotTransferTest {
    /** Nothing of the log is kept behind a snapshot. */
    private static final RaftOptions CUT = OPTIONS.with().keptLogBytes(0).build();

    private static final Membership THREE = Membership.ofVoters(members(3));

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

    private static List<LogPosition> dropped(CoreProbe probe) {
        return work(probe, SnapshotWork.Drop.class).stream()
                .map(SnapshotWork.Drop::position)
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

    private static SnapshotMeta take(CoreProbe probe) {
        news(probe, new SnapshotNews.Wanted());
        return work(probe, SnapshotWork.Take.class).get(0).meta();
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
        leader.effects();
        return leader;
    }

    /** Compacts all that the leader has. */
    private static CoreProbe compact(CoreProbe leader) {
        news(leader, new SnapshotNews.Taken(take(leader)));
        leader.syncAll();
        leader.effects();
        leader.sent();
        return leader;
    }

    /** One more entry is committed, and a snapshot taken behind it. */
    private static void takeAnother(CoreProbe leader) {
        leader.propose(7);
        leader.syncAll();
        leader.receive(2, new AppendAccepted(5, leader.core.last().index()));
        leader.effects();
        news(leader, new SnapshotNews.Taken(take(leader)));
    }

    private static void beats(CoreProbe leader, int count, int... heard) {
        for (int i = 0; i < count; i++) {
            leader.passTime(HEARTBEAT_NANOS);
            leader.syncAll();
            for (int server : heard) {
                leader.receive(server, new HeartbeatReply(5, 0));
            }
        }
    }

    private static CoreProbe follower(long... log) {
        return CoreProbe.follower(CUT, 3, new HardState(5, null), log);
    }

    private static InstallSnapshot offer(long index, long base, int source) {
        return new InstallSnapshot(5, at(5, index), base, id(source));
    }

    private static SnapshotId file(long index) {
        return new SnapshotId(at(5, index), 10, 2);
    }

    private static SnapshotChunk chunk(SnapshotId id, int from, int until) {
        return new SnapshotChunk(id, from, Payload.of("0123456789".substring(from, until)));
    }

    /** The leader, server 2, is heard for an election timeout, and nothing else comes. */
    private static void patience(CoreProbe follower) {
        for (int i = 0; i < 10; i++) {
            follower.receive(2, new Heartbeat(5, 0, 0));
            follower.passTime(HEARTBEAT_NANOS);
        }
        follower.sent();
    }

    /** Four bytes of the snapshot of that index are here. */
    private static CoreProbe withPart(long index) {
        CoreProbe follower = follower();
        follower.receive(2, offer(index, index, 2));
        follower.receive(2, chunk(file(index), 0, 4));
        news(follower, new SnapshotNews.Stored(file(index), 4));
        follower.sent();
        follower.effects();
        return follower;
    }

    // ---- offering ----

    @Test
    void whoseNextEntryIsTheLastThatIsGoneIsOfferedTheSnapshot() {
        CoreProbe leader = leader(CUT);
        leader.receive(3, new AppendAccepted(5, 4));
        compact(leader);
        assertThat(leader.core.firstIndex()).isEqualTo(6);
        leader.event(new Event.Connected(id(3).node()));
        assertThat(leader.sentTo(3, InstallSnapshot.class)).containsExactly(offer(5, 5, 1));
        assertThat(leader.effects(Effect.Load.class)).isEmpty();
    }

    @Test
    void whoIsHeardAndFetchesNothingIsOfferedItAgainAfterHalfAnElectionTimeout() {
        CoreProbe leader = compact(leader(CUT));
        leader.event(new Event.Connected(id(3).node()));
        assertThat(leader.sentTo(3, InstallSnapshot.class)).hasSize(1);
        beats(leader, 4, 2, 3);
        assertThat(leader.sentTo(3, InstallSnapshot.class)).isEmpty();
        beats(leader, 1, 2, 3);
        assertThat(leader.sentTo(3, InstallSnapshot.class)).hasSize(1);
    }

    @Test
    void aMemberThatAsksForAnEntryThatIsGoneIsOfferedTheSnapshot() {
        CoreProbe leader = leader(CUT);
        leader.receive(3, new AppendAccepted(5, 5));
        compact(leader);
        leader.receive(4, new FetchEntry(at(5, 5)));
        assertThat(leader.sent(InstallSnapshot.class)).as("a stranger").isEmpty();
        leader.receive(3, new FetchEntry(at(5, 5)));
        assertThat(leader.sentTo(3, InstallSnapshot.class)).containsExactly(offer(5, 5, 1));
        assertThat(leader.effects(Effect.Load.class)).isEmpty();
    }

    @Test
    void whoAsksForAnEntryThatIsInMemoryIsSentItAtOnceAsItsKindHoldsIt() {
        CoreProbe follower = follower();
        follower.append(2, 5, at(0, 0), logFrom(1, 5, 5), 0);
        follower.receive(3, new FetchEntry(at(5, 2)));
        assertThat(follower.sentTo(3, EntryCopy.class)).containsExactly(new EntryCopy(entry(5, 2)));
        follower.event(new Event.Received(witness(3), new FetchEntry(at(5, 1))));
        assertThat(follower.sentTo(witness(3), EntryCopy.class))
                .containsExactly(new EntryCopy(entry(5, 1).forWitness()));
    }

    @Test
    void anotherFollowerIsNamedAsTheSourceWhileItIsHeardAndHoldsIt() {
        CoreProbe leader = compact(leader(CUT.with().snapshotsFromFollowers(true).build()));
        leader.event(new Event.Connected(id(3).node()));
        assertThat(leader.sentTo(3, InstallSnapshot.class)).containsExactly(offer(5, 5, 2));
        leader.receive(2, new HeartbeatReply(5, 0));
        beats(leader, 10, 3);
        leader.sent();
        leader.event(new Event.Connected(id(3).node()));
        assertThat(leader.sentTo(3, InstallSnapshot.class))
                .as("2 is silent")
                .containsExactly(offer(5, 5, 1));
    }

    @Test
    void theLeaderIsTheSourceItselfWhereOnlyAWitnessIsAsFar() {
        RaftOptions options = CUT.with().snapshotsFromFollowers(true).build();
        Membership membership = Membership.ofVoters(List.of(id(1), id(2), witness(3)));
        CoreProbe leader = CoreProbe.leader(options, membership, 5);
        leader.syncAll();
        leader.receive(2, new AppendAccepted(5, 1));
        leader.event(new Event.Received(witness(3), new AppendAccepted(5, 1)));
        compact(leader);
        assertThat(leader.core.firstIndex()).isEqualTo(2);
        leader.receive(2, new FetchEntry(at(5, 1)));
        assertThat(leader.sentTo(2, InstallSnapshot.class)).containsExactly(offer(1, 1, 1));
    }

    // ---- asking ----

    @Test
    void anOfferThatIsRepeatedWhileAnAnswerMayStillComeAsksNobodyAgain() {
        CoreProbe follower = follower();
        patience(follower);
        patience(follower);
        follower.receive(2, offer(9, 9, 2));
        follower.receive(2, offer(9, 9, 2));
        assertThat(follower.sent(FetchSnapshot.class)).hasSize(1);
    }

    @Test
    void whereNobodyAnswersTheSourceAndTheLeaderAreAskedInTurn() {
        CoreProbe follower = follower();
        follower.receive(2, offer(9, 9, 3));
        assertThat(follower.sentTo(3, FetchSnapshot.class)).hasSize(1);
        patience(follower);
        follower.receive(2, offer(9, 9, 3));
        assertThat(follower.sentTo(2, FetchSnapshot.class)).hasSize(1);
        patience(follower);
        follower.receive(2, offer(9, 9, 3));
        assertThat(follower.sentTo(3, FetchSnapshot.class)).hasSize(1);
    }

    @Test
    void aPartOfASnapshotThatLeadsNowhereAnyMoreIsForgotten() {
        CoreProbe follower = withPart(9);
        patience(follower);
        follower.receive(2, offer(12, 12, 2));
        assertThat(follower.sent(FetchSnapshot.class))
                .containsExactly(new FetchSnapshot(12, null, 0));
    }

    @Test
    void aPartOfWhatTheSourceHasNoMoreIsForgotten() {
        CoreProbe follower = withPart(9);
        follower.receive(2, SnapshotChunk.NONE);
        follower.receive(2, offer(9, 9, 2));
        assertThat(follower.sent(FetchSnapshot.class))
                .containsExactly(new FetchSnapshot(9, null, 0));
    }

    @Test
    void noMoreIsAskedForOnceTheLogHasComeAnotherWay() {
        CoreProbe follower = follower();
        follower.receive(2, offer(2, 2, 2));
        follower.receive(2, chunk(file(2), 0, 4));
        follower.append(2, 5, at(0, 0), logFrom(1, 5, 5, 5), 2);
        follower.sent();
        news(follower, new SnapshotNews.Stored(file(2), 4));
        assertThat(follower.sent(FetchSnapshot.class)).isEmpty();
        follower.receive(2, offer(9, 4, 2));
        assertThat(follower.sent(FetchSnapshot.class))
                .containsExactly(new FetchSnapshot(4, null, 0));
    }

    @Test
    void whatIsUnusableIsFetchedAfresh() {
        CoreProbe follower = follower();
        follower.receive(2, offer(9, 9, 2));
        follower.receive(2, chunk(file(9), 0, 10));
        news(follower, new SnapshotNews.Unusable(file(9)));
        follower.sent();
        follower.receive(2, offer(9, 9, 2));
        assertThat(follower.sent(FetchSnapshot.class))
                .containsExactly(new FetchSnapshot(9, null, 0));
    }

    /** Server 2, which leads, has its snapshot fetched and stored. */
    private static void fetch(CoreProbe follower, long index) {
        follower.receive(2, offer(index, index, 2));
        follower.receive(2, chunk(file(index), 0, 10));
        news(follower, new SnapshotNews.Received(file(index), meta(5, index)));
    }

    @Test
    void afterOneIsInstalledTheNextIsFetchedFromItsBeginning() {
        CoreProbe follower = follower();
        fetch(follower, 9);
        follower.syncAll();
        follower.sent();
        follower.receive(2, offer(20, 15, 2));
        assertThat(follower.sent(FetchSnapshot.class))
                .containsExactly(new FetchSnapshot(15, null, 0));
    }

    // ---- dropping ----

    @Test
    void oldSnapshotsAreDroppedOnceEach() {
        CoreProbe leader = compact(leader(CUT));
        takeAnother(leader);
        assertThat(dropped(leader)).containsExactly(at(5, 5));
        takeAnother(leader);
        assertThat(dropped(leader)).containsExactly(at(5, 6));
    }

    @Test
    void aSnapshotIsPinnedBySomeElectionTimeoutsSinceItWasAskedForAndNoLonger() {
        CoreProbe leader = compact(leader(CUT));
        beats(leader, 120, 2, 3);
        leader.receive(3, new FetchSnapshot(5, null, 0));
        takeAnother(leader);
        assertThat(dropped(leader)).isEmpty();
        beats(leader, 101, 2, 3);
        takeAnother(leader);
        assertThat(dropped(leader)).containsExactly(at(5, 5), at(5, 6));
    }

    @Test
    void oneThatIsDoneOnceALaterOneWasInstalledIsDropped() {
        CoreProbe follower = follower();
        follower.append(2, 5, at(0, 0), logFrom(1, 5, 5, 5), 3);
        SnapshotMeta early = take(follower);
        fetch(follower, 9);
        follower.effects();
        news(follower, new SnapshotNews.Taken(early));
        assertThat(dropped(follower)).containsExactly(at(5, 3));
    }

    @Test
    void theOneBeforeIsDroppedWhenOneIsInstalled() {
        CoreProbe follower = follower();
        follower.append(2, 5, at(0, 0), logFrom(1, 5, 5, 5), 3);
        follower.syncAll();
        news(follower, new SnapshotNews.Taken(take(follower)));
        follower.effects();
        fetch(follower, 9);
        assertThat(dropped(follower)).containsExactly(at(5, 3));
    }

    @Test
    void aFetchedOneThatIsNotNeededAnyMoreIsDroppedUnlessTheOwnIsOfTheSamePosition() {
        CoreProbe follower = follower();
        follower.receive(2, offer(2, 2, 2));
        follower.receive(2, chunk(file(2), 0, 10));
        follower.append(2, 5, at(0, 0), logFrom(1, 5, 5, 5), 3);
        follower.syncAll();
        news(follower, new SnapshotNews.Received(file(2), meta(5, 2)));
        assertThat(dropped(follower)).containsExactly(at(5, 2));
        news(follower, new SnapshotNews.Taken(take(follower)));
        follower.effects();
        news(follower, new SnapshotNews.Received(file(3), meta(5, 3)));
        assertThat(dropped(follower)).as("there is one file of a position").isEmpty();
    }

    @Test
    void oneThatWasFetchedWhileItWasTakenIsDroppedOnce() {
        CoreProbe follower = follower();
        fetch(follower, 3);
        follower.syncAll();
        news(follower, new SnapshotNews.Taken(meta(5, 3)));
        follower.append(2, 5, at(5, 3), logFrom(4, 5), 4);
        follower.syncAll();
        follower.event(new Event.Applied(4));
        follower.effects();
        news(follower, new SnapshotNews.Taken(take(follower)));
        assertThat(dropped(follower)).containsExactly(at(5, 3));
    }

    @Test
    void behindAnInstalledSnapshotTheCountToTheNextBeginsAnew() {
        CoreProbe follower =
                CoreProbe.follower(
                        CUT.with().snapshotEntries(3).build(), 3, new HardState(5, null));
        fetch(follower, 9);
        follower.syncAll();
        follower.append(2, 5, at(5, 9), logFrom(10, 5, 5), 11);
        follower.syncAll();
        assertThat(work(follower, SnapshotWork.Take.class)).isEmpty();
        follower.append(2, 5, at(5, 11), logFrom(12, 5), 12);
        follower.syncAll();
        assertThat(work(follower, SnapshotWork.Take.class))
                .extracting(taken -> taken.meta().position())
                .containsExactly(at(5, 12));
    }
}
