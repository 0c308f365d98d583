package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.ELECTION_NANOS;
import static dev.lockstep.raft.core.CoreProbe.HEARTBEAT_NANOS;
import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.configuration;
import static dev.lockstep.raft.core.CoreProbe.entry;
import static dev.lockstep.raft.core.CoreProbe.id;
import static dev.lockstep.raft.core.CoreProbe.log;
import static dev.lockstep.raft.core.CoreProbe.witness;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.FetchSnapshot;
import dev.lockstep.raft.message.FoundingState;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.InstallPosition;
import dev.lockstep.raft.message.InstallSnapshot;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.message.TimeoutNow;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Witnesses, one claim each: what one does, and what it is told when. */
class WitnessTest {
    private static final long TERM = 5;
    private static final Membership TWO_AND_ONE =
            Membership.ofVoters(List.of(id(1), id(2), witness(3)));
    private static final Membership FOUR_AND_ONE =
            Membership.ofVoters(List.of(id(1), id(2), id(3), id(4), witness(5)));

    // ---- what a witness does ----

    private static CoreProbe witnessProbe(long... logTerms) {
        return witnessProbe(CoreProbe.OPTIONS, logTerms);
    }

    private static CoreProbe witnessProbe(RaftOptions options, long... logTerms) {
        return CoreProbe.witnessOf(
                options, TERM, log(logTerms).stream().map(Entry::forWitness).toList());
    }

    @Test
    void itNeverCampaigns() {
        CoreProbe witness = witnessProbe(1, 2);
        for (int i = 0; i < 20; i++) {
            witness.passTime(ELECTION_NANOS);
            witness.syncAll();
            assertThat(witness.core.role()).isEqualTo(Role.FOLLOWER);
        }
        assertThat(witness.sent(RequestPreVote.class)).isEmpty();
        assertThat(witness.core.term()).isEqualTo(TERM);
    }

    @Test
    void itIgnoresTimeoutNow() {
        CoreProbe witness = witnessProbe(1, 2);
        witness.receive(2, new Heartbeat(TERM, 0, 0));
        witness.receive(2, new TimeoutNow(TERM));
        witness.syncAll();
        assertThat(witness.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(witness.sent(RequestVote.class)).isEmpty();
    }

    @Test
    void itVotesForWhoeverHoldsAtLeastItsPositions() {
        CoreProbe witness = witnessProbe(1, 2, 2);
        witness.receive(2, new RequestVote(6, at(2, 2), false));
        witness.syncAll();
        assertThat(witness.sentTo(2, VoteReply.class)).containsExactly(new VoteReply(6, false));
        witness.receive(3, new RequestVote(7, at(2, 3), false));
        witness.syncAll();
        assertThat(witness.sentTo(3, VoteReply.class)).containsExactly(new VoteReply(7, true));
        assertThat(witness.disk().durableHardState().vote()).isEqualTo(id(3));
    }

    @Test
    void itAcknowledgesPositionsOnceTheyAreDurableAndAppliesNothing() {
        CoreProbe witness = witnessProbe();
        Entry position = entry(TERM, 1).forWitness();
        witness.append(2, TERM, at(0, 0), List.of(position), 1);
        assertThat(witness.sentTo(2, AppendAccepted.class)).isEmpty();
        witness.syncAll();
        assertThat(witness.sentTo(2, AppendAccepted.class))
                .containsExactly(new AppendAccepted(TERM, 1));
        assertThat(witness.core.commitIndex()).isEqualTo(1);
        assertThat(witness.core.appliedIndex()).isEqualTo(1);
        assertThat(witness.effects(Effect.Apply.class)).isEmpty();
        assertThat(witness.disk().appended()).containsExactly(position);
        assertThat(position.kind()).isEqualTo(EntryKind.POSITION);
        assertThat(position.payload().size()).isZero();
    }

    @Test
    void whoIsSentTheOtherKindsEntriesStopsAndAcknowledgesNothing() {
        CoreProbe witness = witnessProbe();
        witness.append(2, TERM, at(0, 0), List.of(entry(TERM, 1)), 1);
        witness.syncAll();
        assertThat(witness.core.fault().code()).isEqualTo(Fault.Code.BUG);
        assertThat(witness.core.last()).isEqualTo(at(0, 0));
        assertThat(witness.sent(AppendAccepted.class)).isEmpty();
        CoreProbe full = CoreProbe.follower(3, TERM);
        full.append(2, TERM, at(0, 0), List.of(entry(TERM, 1).forWitness()), 0);
        full.syncAll();
        assertThat(full.core.fault().message()).contains("is a full replica").contains("5:1");
        assertThat(full.sent(AppendAccepted.class)).isEmpty();
    }

    @Test
    void itsLogIsCutBehindADurablePosition() {
        CoreProbe witness =
                witnessProbe(CoreProbe.OPTIONS.with().snapshotBytes(128).keptLogBytes(0).build());
        List<Entry> positions = log(5, 5, 5).stream().map(Entry::forWitness).toList();
        witness.append(2, TERM, at(0, 0), positions, 3);
        witness.syncAll();
        SnapshotMeta meta = take(witness);
        assertThat(meta.position()).isEqualTo(at(5, 3));
        witness.event(new Event.Snapshots(new SnapshotNews.Taken(meta)));
        assertThat(witness.effects(Effect.Persist.class))
                .last()
                .satisfies(cut -> assertThat(cut.base()).isEqualTo(at(5, 3)));
    }

    @Test
    void insteadOfASnapshotItStoresItsPositionAndServesNobody() {
        CoreProbe witness = witnessProbe(1);
        SnapshotMeta meta = new SnapshotMeta(at(4, 90), 7, TWO_AND_ONE, 0);
        witness.receive(2, new InstallPosition(TERM, meta));
        assertThat(take(witness)).isEqualTo(meta);
        witness.receive(2, new InstallPosition(TERM, meta));
        assertThat(witness.effects(Effect.Snapshots.class)).as("once at a time").isEmpty();
        assertThat(witness.core.last()).as("not before it is durable").isEqualTo(at(1, 1));
        witness.event(new Event.Snapshots(new SnapshotNews.Taken(meta)));
        witness.syncAll();
        assertThat(witness.core.last()).isEqualTo(at(4, 90));
        assertThat(witness.core.commitIndex()).isEqualTo(90);
        assertThat(witness.core.membership()).isEqualTo(TWO_AND_ONE);
        assertThat(witness.effects(Effect.Snapshots.class)).as("nothing to restore").isEmpty();
        assertThat(witness.sentTo(2, AppendAccepted.class)).contains(new AppendAccepted(TERM, 90));
        witness.receive(3, new FetchSnapshot(1, null, 0));
        assertThat(witness.sentTo(3, SnapshotChunk.class)).containsExactly(SnapshotChunk.NONE);
    }

    @Test
    void whatPassesByIsMeasuredOnce() {
        int five = 5 * Entry.OVERHEAD_BYTES;
        CoreProbe witness =
                witnessProbe(CoreProbe.OPTIONS.with().snapshotBytes(five).keptLogBytes(0).build());
        List<Entry> positions = log(5, 5, 5, 5, 5).stream().map(Entry::forWitness).toList();
        witness.append(2, TERM, at(0, 0), positions, 2);
        witness.syncAll();
        witness.receive(2, new Heartbeat(TERM, 3, 0));
        witness.receive(2, new Heartbeat(TERM, 4, 0));
        witness.syncAll();
        assertThat(witness.effects(Effect.Snapshots.class)).isEmpty();
        witness.receive(2, new Heartbeat(TERM, 5, 0));
        witness.syncAll();
        assertThat(take(witness).position()).isEqualTo(at(5, 5));
    }

    @Test
    void itStoresNoPositionThatItsLogHoldsAnyway() {
        CoreProbe witness = witnessProbe(1, 2, 2);
        SnapshotMeta meta = new SnapshotMeta(at(2, 2), 0, TWO_AND_ONE, 0);
        witness.receive(2, new InstallPosition(TERM, meta));
        assertThat(witness.effects(Effect.Snapshots.class)).isEmpty();
        assertThat(witness.core.commitIndex()).isEqualTo(2);
        witness.syncAll();
        assertThat(witness.sentTo(2, AppendAccepted.class))
                .containsExactly(new AppendAccepted(TERM, 2));
    }

    @Test
    void whoNeverCampaignsSleepsAgainWhenItsTimerHasRunOut() {
        CoreProbe witness = witnessProbe(1, 2);
        witness.passTime(2 * ELECTION_NANOS);
        assertThat(witness.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(witness.core.deadlineNanos())
                .isGreaterThanOrEqualTo(witness.now() + ELECTION_NANOS);
    }

    private static SnapshotMeta take(CoreProbe probe) {
        List<Effect.Snapshots> work = probe.effects(Effect.Snapshots.class);
        assertThat(work).hasSize(1);
        return ((SnapshotWork.Take) work.get(0).work()).meta();
    }

    // ---- what it is told, and when ----

    private static void receive(CoreProbe leader, ReplicaId from, Message message) {
        leader.event(new Event.Received(from, message));
    }

    /** All but those named stay silent, the leader's disk syncs, and time passes. */
    private static void time(CoreProbe leader, long nanos, ReplicaId... heard) {
        for (long passed = 0; passed < nanos; passed += HEARTBEAT_NANOS) {
            leader.passTime(HEARTBEAT_NANOS);
            leader.syncAll();
            for (ReplicaId one : heard) {
                receive(leader, one, new HeartbeatReply(leader.core.term(), 0));
            }
        }
    }

    private static List<Entry> told(CoreProbe leader, ReplicaId witness) {
        return leader.sentTo(witness, AppendEntries.class).stream()
                .flatMap(append -> append.entries().stream())
                .toList();
    }

    /** The leader of two full voters and a witness, with its no-op at 3 committed by both. */
    private static CoreProbe settled() {
        CoreProbe leader = CoreProbe.leader(TWO_AND_ONE, TERM, 1, 2);
        receive(leader, witness(3), new AppendAccepted(TERM, 2));
        receive(leader, id(2), new AppendAccepted(TERM, 3));
        assertThat(told(leader, witness(3))).hasSize(1);
        receive(leader, witness(3), new AppendAccepted(TERM, 3));
        leader.sent();
        return leader;
    }

    @Test
    void aPositionIsToldOnceTheFullVotersAloneHaveCommittedIt() {
        CoreProbe leader = settled();
        leader.propose(1);
        leader.syncAll();
        assertThat(leader.sentTo(2, AppendEntries.class)).hasSize(1);
        assertThat(told(leader, witness(3))).as("on the leader's disk alone").isEmpty();
        receive(leader, id(2), new AppendAccepted(TERM, 4));
        assertThat(told(leader, witness(3)))
                .containsExactly(
                        new Entry(
                                TERM,
                                4,
                                EntryKind.POSITION,
                                leader.disk().appended().get(3).timestampMillis(),
                                Payload.EMPTY));
        assertThat(leader.core.runsOnWitness()).isFalse();
    }

    @Test
    void whenAFullVoterLagsForAnElectionTimeoutTheWitnessCompletesTheQuorum() {
        CoreProbe leader = settled();
        leader.propose(1);
        time(leader, ELECTION_NANOS / 2, witness(3));
        assertThat(told(leader, witness(3))).isEmpty();
        time(leader, ELECTION_NANOS, witness(3));
        assertThat(leader.core.runsOnWitness()).isTrue();
        assertThat(told(leader, witness(3))).extracting(Entry::index).contains(4L);
        assertThat(leader.core.commitIndex()).isEqualTo(3);
        receive(leader, witness(3), new AppendAccepted(TERM, 4));
        assertThat(leader.core.commitIndex()).isEqualTo(4);
        leader.propose(2);
        assertThat(told(leader, witness(3))).as("not before the leader's own disk").isEmpty();
        leader.syncAll();
        assertThat(told(leader, witness(3))).extracting(Entry::index).containsExactly(5L);
    }

    @Test
    void aFullVoterMayLagForJustAnElectionTimeout() {
        CoreProbe leader = settled();
        leader.propose(1);
        time(leader, ELECTION_NANOS - HEARTBEAT_NANOS, witness(3));
        assertThat(leader.core.runsOnWitness()).isFalse();
        leader.passTime(HEARTBEAT_NANOS);
        assertThat(leader.core.runsOnWitness()).isTrue();
    }

    @Test
    void aWitnessThatWasSilentForHalfAnElectionTimeoutIsHeardAgainFirst() {
        CoreProbe leader = settled();
        leader.propose(1);
        time(leader, ELECTION_NANOS / 2, witness(3));
        time(leader, ELECTION_NANOS / 2);
        assertThat(leader.core.runsOnWitness()).isFalse();
        receive(leader, witness(3), new HeartbeatReply(TERM, 0));
        assertThat(leader.core.runsOnWitness()).isTrue();
    }

    @Test
    void fullOnlyReturnsWhenTheFullVoterHasCaughtUp() {
        CoreProbe leader = settled();
        leader.propose(1);
        time(leader, 2 * ELECTION_NANOS, witness(3));
        receive(leader, witness(3), new AppendAccepted(TERM, 4));
        leader.propose(2);
        leader.syncAll();
        receive(leader, id(2), new AppendAccepted(TERM, 4));
        receive(leader, witness(3), new AppendAccepted(TERM, 5));
        assertThat(leader.core.commitIndex()).isEqualTo(5);
        assertThat(leader.core.runsOnWitness()).as("5 is on one full disk").isTrue();
        receive(leader, id(2), new AppendAccepted(TERM, 5));
        assertThat(leader.core.runsOnWitness()).isFalse();
        leader.sent();
        leader.propose(3);
        leader.syncAll();
        assertThat(told(leader, witness(3))).isEmpty();
    }

    @Test
    void aLeaderThatNoQuorumAnswersTellsTheWitnessNothing() {
        CoreProbe leader = settled();
        leader.propose(1);
        leader.syncAll();
        leader.passTime(ELECTION_NANOS - 1);
        assertThat(leader.core.runsOnWitness()).isFalse();
        leader.passTime(HEARTBEAT_NANOS);
        assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(told(leader, witness(3))).isEmpty();
    }

    @Test
    void ofFourFullVotersTwoMustHoldItBeforeTheWitnessIsTold() {
        CoreProbe leader = CoreProbe.leader(FOUR_AND_ONE, TERM);
        time(leader, 2 * ELECTION_NANOS, id(2), witness(5));
        assertThat(leader.core.runsOnWitness()).isTrue();
        assertThat(told(leader, witness(5))).as("the leader's disk is one of two").isEmpty();
        receive(leader, id(2), new AppendAccepted(TERM, 1));
        assertThat(leader.core.commitIndex()).isZero();
        receive(leader, witness(5), new AppendAccepted(TERM, 0));
        assertThat(told(leader, witness(5))).extracting(Entry::index).contains(1L);
        receive(leader, witness(5), new AppendAccepted(TERM, 1));
        assertThat(leader.core.commitIndex()).isEqualTo(1);
    }

    @Test
    void entriesOfAnOlderTermWaitForOneOfTheLeadersOwn() {
        CoreProbe leader = CoreProbe.leader(TWO_AND_ONE, TERM, 1, 2);
        receive(leader, id(2), new AppendAccepted(TERM, 2));
        receive(leader, witness(3), new AppendAccepted(TERM, 0));
        assertThat(leader.effects(Effect.Load.class))
                .as("both disks hold 2, of term 2, and nobody is sent it")
                .isEmpty();
        assertThat(told(leader, witness(3))).isEmpty();
        receive(leader, id(2), new AppendAccepted(TERM, 3));
        leader.event(new Event.Loaded(1, log(1, 2)));
        assertThat(told(leader, witness(3))).extracting(Entry::index).containsExactly(1L, 2L, 3L);
    }

    @Test
    void entriesOfAnOlderTermWaitEvenWhileTheWitnessIsNeeded() {
        CoreProbe leader = CoreProbe.leader(FOUR_AND_ONE, TERM, 1, 2);
        receive(leader, id(2), new AppendAccepted(TERM, 2));
        receive(leader, witness(5), new AppendAccepted(TERM, 0));
        time(leader, 2 * ELECTION_NANOS, id(2), witness(5));
        assertThat(leader.core.runsOnWitness()).isTrue();
        assertThat(leader.effects(Effect.Load.class))
                .as("two full disks hold 2, of term 2, and nobody is sent it")
                .isEmpty();
        assertThat(told(leader, witness(5))).isEmpty();
        receive(leader, id(2), new AppendAccepted(TERM, 3));
        assertThat(leader.effects(Effect.Load.class)).isNotEmpty();
    }

    @Test
    void configurationsGoWhole() {
        CoreProbe leader = settled();
        Membership next = Membership.ofVoters(List.of(id(1), id(2)));
        leader.event(
                new Event.ChangeMembership(1, MembershipChange.builder().remove("n3").build()));
        leader.syncAll();
        receive(leader, id(2), new AppendAccepted(TERM, 4));
        assertThat(told(leader, witness(3)))
                .containsExactly(
                        new Entry(
                                TERM,
                                4,
                                EntryKind.CONFIGURATION,
                                leader.disk().appended().get(3).timestampMillis(),
                                configuration(TERM, 4, next).payload()));
    }

    @Test
    void whoseEntriesAreCompactedIsToldThePositionOfTheSnapshot() {
        SnapshotMeta meta = new SnapshotMeta(at(TERM, 3), 0, TWO_AND_ONE, 0);
        CoreProbe leader =
                CoreProbe.leader(
                        CoreProbe.OPTIONS.with().keptLogBytes(0).build(), TWO_AND_ONE, TERM);
        leader.propose(1);
        leader.propose(2);
        leader.syncAll();
        receive(leader, id(2), new AppendAccepted(TERM, 3));
        leader.event(new Event.Snapshots(new SnapshotNews.Taken(meta)));
        assertThat(leader.sentTo(witness(3), InstallPosition.class))
                .containsExactly(new InstallPosition(TERM, meta));
        assertThat(leader.sent(InstallSnapshot.class)).isEmpty();
    }

    @Test
    void itIsNeverASuccessor() {
        CoreProbe leader = settled();
        receive(leader, witness(3), new HeartbeatReply(TERM, 0));
        leader.event(new Event.Transfer(1, NodeId.of("n3")));
        assertThat(leader.effects(Effect.TransferAborted.class))
                .hasSize(1)
                .allSatisfy(end -> assertThat(end.reason()).contains("is a witness"));
        time(leader, ELECTION_NANOS / 2, witness(3));
        leader.event(new Event.Transfer(2, null));
        time(leader, ELECTION_NANOS / 2, witness(3));
        assertThat(leader.sentTo(witness(3), TimeoutNow.class)).isEmpty();
    }

    // ---- the membership ----

    private static String refusal(CoreProbe leader, MembershipChange.Builder change) {
        leader.event(new Event.ChangeMembership(9, change.build()));
        List<Effect.ChangeRefused> refused = leader.effects(Effect.ChangeRefused.class);
        assertThat(refused).hasSize(1);
        return refused.get(0).reason();
    }

    private static MembershipChange.Builder change() {
        return MembershipChange.builder();
    }

    private static void known(CoreProbe leader, ReplicaId outsider) {
        Founding founding = new Founding(new UUID(1, 1), TWO_AND_ONE, true);
        receive(leader, outsider, new FoundingState(List.of(), founding, true));
    }

    @Test
    void noKindBecomesTheOther() {
        CoreProbe leader = settled();
        known(leader, witness(4));
        known(leader, id(5));
        assertThat(refusal(leader, change().addVoter("n4"))).contains("is a witness and never");
        assertThat(refusal(leader, change().addLearner("n4"))).contains("is a witness and never");
        assertThat(refusal(leader, change().addWitness("n5"))).contains("is a full replica and");
        assertThat(refusal(leader, change().addWitness("n2"))).contains("is a full replica and");
        assertThat(refusal(leader, change().demote("n3"))).contains("is a witness");
        assertThat(refusal(leader, change().addVoter("n3"))).contains("member already");
        known(leader, new ReplicaId(NodeId.of("n3"), new UUID(0, 77)));
        assertThat(refusal(leader, change().replace("n3"))).contains("is a full replica and");
    }

    @Test
    void thereAreFewerWitnessesThanFullVoters() {
        CoreProbe leader = settled();
        known(leader, witness(4));
        assertThat(refusal(leader, change().addWitness("n4")))
                .contains("2 would be witnesses and 2 full")
                .contains("fewer witnesses than full voters");
        assertThat(refusal(leader, change().remove("n2"))).contains("fewer witnesses");
        assertThat(refusal(leader, change().demote("n2"))).contains("fewer witnesses");
    }

    @Test
    void aFullVoterThatWasLostIsReplacedWhileTheWitnessCompletesTheQuorum() {
        CoreProbe leader = settled();
        ReplicaId wiped = new ReplicaId(NodeId.of("n2"), new UUID(0xCD, 2));
        known(leader, wiped);
        leader.event(new Event.ChangeMembership(1, change().replace("n2").build()));
        assertThat(leader.core.membership())
                .isEqualTo(
                        new Membership(
                                List.of(id(1), witness(3)),
                                List.of(),
                                List.of(wiped),
                                List.of(wiped)));
        time(leader, 2 * ELECTION_NANOS, witness(3));
        assertThat(leader.core.runsOnWitness()).isTrue();
        receive(leader, witness(3), new AppendAccepted(TERM, 4));
        for (int i = 0; i < 8; i++) {
            time(leader, HEARTBEAT_NANOS, witness(3), wiped);
            receive(leader, wiped, new AppendAccepted(TERM, leader.core.last().index()));
            receive(leader, witness(3), new AppendAccepted(TERM, leader.core.last().index()));
        }
        assertThat(leader.core.membership())
                .isEqualTo(Membership.ofVoters(List.of(id(1), wiped, witness(3))));
        assertThat(leader.core.runsOnWitness()).isFalse();
    }

    @Test
    void aWitnessJoinsOnceItHasCaughtUp() {
        CoreProbe leader = CoreProbe.settledLeader(2, TERM);
        receive(leader, witness(3), new FoundingState(List.of(), CoreProbe.founding(2), true));
        leader.event(new Event.ChangeMembership(1, change().addWitness("n3").build()));
        assertThat(leader.core.membership().learners()).containsExactly(witness(3));
        for (int i = 0; i < 8; i++) {
            time(leader, HEARTBEAT_NANOS, id(2), witness(3));
            receive(leader, id(2), new AppendAccepted(TERM, leader.core.last().index()));
            receive(leader, witness(3), new AppendAccepted(TERM, leader.core.commitIndex()));
        }
        assertThat(leader.core.membership()).isEqualTo(TWO_AND_ONE);
    }

    @Test
    void foundersMayBeWitnessesIfFewerThanHalfAre() {
        CoreProbe first = CoreProbe.founder(witness(1), 3);
        List<NodeId> nodes = List.of(NodeId.of("n1"), NodeId.of("n2"), NodeId.of("n3"));
        receive(first, id(2), new FoundingState(nodes, null, false));
        receive(first, id(3), new FoundingState(nodes, null, false));
        first.syncAll();
        assertThat(first.disk().founding().initial())
                .isEqualTo(Membership.ofVoters(List.of(witness(1), id(2), id(3))));
        CoreProbe other = CoreProbe.founder(witness(1), 3);
        receive(other, id(2), new FoundingState(nodes, null, false));
        receive(other, witness(3), new FoundingState(nodes, null, false));
        assertThat(other.core.fault().code()).isEqualTo(Fault.Code.FOUNDING_MISMATCH);
        assertThat(other.core.fault().message()).contains("2 would be witnesses and 1 full");
    }
}
