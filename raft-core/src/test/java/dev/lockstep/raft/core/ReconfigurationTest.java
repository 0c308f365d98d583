package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.ELECTION_NANOS;
import static dev.lockstep.raft.core.CoreProbe.HEARTBEAT_NANOS;
import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.configuration;
import static dev.lockstep.raft.core.CoreProbe.entry;
import static dev.lockstep.raft.core.CoreProbe.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.FoundingState;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.TimeoutNow;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Changes of the membership, one claim each (chapter 4). */
class ReconfigurationTest {
    private static List<ReplicaId> ids(int... servers) {
        return IntStream.of(servers).mapToObj(CoreProbe::id).toList();
    }

    private static Membership voters(int... servers) {
        return Membership.ofVoters(ids(servers));
    }

    private static Membership joint(List<ReplicaId> incoming, List<ReplicaId> outgoing) {
        return new Membership(incoming, outgoing, List.of());
    }

    private static MembershipChange.Builder change() {
        return MembershipChange.builder();
    }

    private static void ask(CoreProbe probe, long id, MembershipChange.Builder change) {
        probe.event(new Event.ChangeMembership(id, change.build()));
    }

    private static String refusal(CoreProbe probe, MembershipChange.Builder change) {
        ask(probe, 99, change);
        List<Effect.ChangeRefused> refused = probe.effects(Effect.ChangeRefused.class);
        assertThat(refused).hasSize(1);
        assertThat(refused.get(0).id()).isEqualTo(99);
        return refused.get(0).reason();
    }

    /** An outsider makes itself known. */
    private static void heard(CoreProbe probe, int founders, ReplicaId outsider) {
        FoundingState state = new FoundingState(List.of(), CoreProbe.founding(founders), true);
        probe.event(new Event.Received(outsider, state));
    }

    private static void accept(CoreProbe leader, long match, int... servers) {
        for (int server : servers) {
            leader.receive(server, new AppendAccepted(leader.core.term(), match));
        }
    }

    /** Heartbeats go and come, and everybody holds everything. */
    private static void rounds(CoreProbe leader, int rounds, int... servers) {
        for (int i = 0; i < rounds; i++) {
            leader.passTime(HEARTBEAT_NANOS);
            leader.syncAll();
            for (int server : servers) {
                leader.receive(server, new HeartbeatReply(leader.core.term(), 0));
                accept(leader, leader.core.last().index(), server);
            }
        }
    }

    private static Membership membership(CoreProbe probe) {
        return probe.core.membership();
    }

    private static List<Effect.ChangeDone> done(CoreProbe probe) {
        return probe.effects(Effect.ChangeDone.class);
    }

    // ---- when a change may begin ----

    @Test
    void noChangeBeginsBeforeAnEntryOfTheOwnTermIsCommitted() {
        CoreProbe leader = CoreProbe.leader(4, 5, 4);
        assertThat(refusal(leader, change().remove("n4"))).contains("its own term");
        assertThat(membership(leader)).isEqualTo(voters(1, 2, 3, 4));
        accept(leader, 2, 2, 3);
        ask(leader, 1, change().remove("n4"));
        assertThat(membership(leader)).isEqualTo(voters(1, 2, 3));
    }

    @Test
    void oneChangeAtATime() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        ask(leader, 1, change().remove("n5"));
        assertThat(refusal(leader, change().remove("n4"))).contains("under way");
        accept(leader, 2, 2, 3, 4);
        assertThat(done(leader)).hasSize(1);
        ask(leader, 2, change().remove("n4"));
        assertThat(membership(leader)).isEqualTo(voters(1, 2, 3));
    }

    @Test
    void aChangeThatCommitsJustBeforeTheNextIsAskedForIsDoneAllTheSame() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        ask(leader, 1, change().remove("n5"));
        leader.step(new Event.Received(id(2), new AppendAccepted(5, 2)));
        leader.step(new Event.Received(id(3), new AppendAccepted(5, 2)));
        leader.step(new Event.Received(id(4), new AppendAccepted(5, 2)));
        leader.step(
                new Event.ChangeMembership(2, change().remove("n4").build())); // before the drain
        leader.drain();
        assertThat(done(leader)).containsExactly(new Effect.ChangeDone(1, 2, voters(1, 2, 3, 4)));
        assertThat(membership(leader)).isEqualTo(voters(1, 2, 3));
    }

    @Test
    void aJointConfigurationIsAChangeUnderWayEvenWhenItIsCommitted() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        ask(leader, 1, change().remove("n5").remove("n4"));
        leader.syncAll();
        leader.step(new Event.Received(id(2), new AppendAccepted(5, 2)));
        leader.step(new Event.Received(id(3), new AppendAccepted(5, 2)));
        leader.step(
                new Event.ChangeMembership(2, change().remove("n3").build())); // before the drain
        leader.drain();
        assertThat(leader.core.commitIndex()).isEqualTo(2);
        assertThat(leader.effects(Effect.ChangeRefused.class)).hasSize(1);
    }

    @Test
    void whoDoesNotLeadChangesNothing() {
        CoreProbe follower = CoreProbe.follower(3, 4);
        assertThat(refusal(follower, change().remove("n3"))).contains("does not lead");
        follower.campaign();
        assertThat(refusal(follower, change().remove("n3"))).contains("does not lead");
    }

    @Test
    void aChangeOfAnotherConfigurationThanTheExpectedIsRefused() {
        CoreProbe leader = CoreProbe.settledLeader(4, 5);
        assertThat(refusal(leader, change().remove("n4").expecting(7)))
                .contains("index 0, not of 7");
        ask(leader, 1, change().remove("n4").expecting(0));
        accept(leader, 2, 2, 3);
        assertThat(refusal(leader, change().remove("n3").expecting(0)))
                .contains("index 2, not of 0");
        ask(leader, 2, change().remove("n3").expecting(2));
        assertThat(membership(leader)).isEqualTo(voters(1, 2));
    }

    @Test
    void aChangeThatChangesNothingOrIsUnsafeIsRefusedWithItsReason() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        heard(leader, 3, id(4));
        assertThat(refusal(leader, change().addVoter("n2"))).contains("n2/").contains("already");
        assertThat(refusal(leader, change().addLearner("n2"))).contains("already");
        assertThat(refusal(leader, change().remove("n9"))).contains("n9 is no member");
        assertThat(refusal(leader, change().promote("n2"))).contains("no learner");
        assertThat(refusal(leader, change().demote("n4"))).contains("no voter");
        assertThat(refusal(leader, change().replace("n4"))).contains("no member");
        assertThat(refusal(leader, change().addVoter("n9"))).contains("its host must be up");
        assertThat(refusal(leader, change().remove("n1").remove("n2").remove("n3")))
                .contains("nobody would be left");
        assertThat(leader.core.last()).isEqualTo(at(5, 1));
    }

    @Test
    void aChangeThatLeavesTooFewWhoWereHeardIsRefused() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        rounds(leader, 11, 2, 3);
        assertThat(refusal(leader, change().remove("n2"))).isNotNull().contains("n4/");
        ask(leader, 1, change().remove("n4"));
        assertThat(membership(leader)).isEqualTo(voters(1, 2, 3, 5));
    }

    @Test
    void aDisjointMemberSetMustNotOverwrite() {
        CoreProbe leader = CoreProbe.settledLeader(2, 5);
        heard(leader, 2, id(3));
        heard(leader, 2, id(4));
        ask(leader, 1, change().addLearner("n3").addLearner("n4"));
        rounds(leader, 5, 2, 3, 4);
        String reason =
                refusal(leader, change().remove("n1").remove("n2").promote("n3").promote("n4"));
        assertThat(reason).contains("none of the present voters");
        assertThat(membership(leader).voters()).isEqualTo(ids(1, 2));
    }

    // ---- one voter more or less ----

    @Test
    void aChangeOfOneVoterGoesDirectlyAndIsInForceAtOnce() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        ask(leader, 7, change().remove("n5"));
        assertThat(membership(leader)).isEqualTo(voters(1, 2, 3, 4));
        assertThat(leader.effects(Effect.ConfigurationChanged.class))
                .containsExactly(new Effect.ConfigurationChanged(2, voters(1, 2, 3, 4), false));
        leader.syncAll();
        accept(leader, 2, 2);
        assertThat(done(leader)).as("2 of 4").isEmpty();
        accept(leader, 2, 3);
        assertThat(done(leader)).containsExactly(new Effect.ChangeDone(7, 2, voters(1, 2, 3, 4)));
        assertThat(leader.effects(Effect.ConfigurationChanged.class))
                .containsExactly(new Effect.ConfigurationChanged(2, voters(1, 2, 3, 4), true));
    }

    @Test
    void twoRemovalsCommittedAndNeitherApplied() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        ask(leader, 1, change().remove("n5"));
        accept(leader, 2, 2, 3, 4);
        ask(leader, 2, change().remove("n4"));
        accept(leader, 3, 2, 3);
        assertThat(leader.core.appliedIndex()).isZero();
        assertThat(membership(leader)).isEqualTo(voters(1, 2, 3));
        leader.propose(1);
        leader.syncAll();
        accept(leader, 4, 4, 5);
        assertThat(leader.core.commitIndex()).as("those that were removed").isEqualTo(3);
        accept(leader, 4, 2);
        assertThat(leader.core.commitIndex()).as("two of three").isEqualTo(4);
    }

    @Test
    void whoWasLeftOutIsServedUntilItKnowsAndThenNoLonger() {
        CoreProbe leader = CoreProbe.settledLeader(4, 5);
        leader.sent();
        ask(leader, 1, change().remove("n4"));
        assertThat(leader.sentTo(4, AppendEntries.class)).hasSize(1);
        accept(leader, 2, 2, 3);
        rounds(leader, 2, 2, 3);
        assertThat(leader.sentTo(4, Heartbeat.class)).hasSize(2);
        accept(leader, 2, 4);
        rounds(leader, 2, 2, 3);
        assertThat(leader.sentTo(4, Heartbeat.class)).extracting(Heartbeat::commit).contains(2L);
        rounds(leader, 2, 2, 3);
        assertThat(leader.sent()).noneMatch(send -> send.to().equals(id(4)));
    }

    @Test
    void whoWasLeftOutAndIsSilentIsGivenUpAfterAnElectionTimeout() {
        CoreProbe leader = CoreProbe.settledLeader(4, 5);
        ask(leader, 1, change().remove("n4"));
        accept(leader, 2, 2, 3);
        rounds(leader, 12, 2, 3);
        leader.sent();
        leader.propose(1);
        rounds(leader, 2, 2, 3);
        assertThat(leader.sent()).noneMatch(send -> send.to().equals(id(4)));
    }

    private static boolean isFollowed(CoreProbe leader, int server) {
        return ((Leader) leader.core.behaviour()).followers().of(id(server)) != null;
    }

    @Test
    void whoWasLeftOutAndIsSilentIsServedForJustAnElectionTimeout() {
        CoreProbe leader = CoreProbe.settledLeader(4, 5);
        ask(leader, 1, change().remove("n4"));
        accept(leader, 2, 2, 3);
        int beats = (int) (ELECTION_NANOS / HEARTBEAT_NANOS);
        rounds(leader, beats, 2, 3); // the first of them tells it
        assertThat(isFollowed(leader, 4)).isTrue();
        rounds(leader, 1, 2, 3);
        assertThat(isFollowed(leader, 4)).isFalse();
    }

    @Test
    void whoWasLeftOutIsLetGoThoughTheNextChangeIsNotCommitted() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        ask(leader, 1, change().remove("n5"));
        accept(leader, 2, 2, 3, 4, 5);
        ask(leader, 2, change().remove("n4"));
        for (int i = 0; i < 2; i++) {
            leader.passTime(HEARTBEAT_NANOS);
            leader.syncAll();
            leader.receive(2, new HeartbeatReply(5, 0));
            leader.receive(3, new HeartbeatReply(5, 0));
        }
        assertThat(leader.core.commitIndex()).isEqualTo(2);
        assertThat(isFollowed(leader, 5)).isFalse();
        assertThat(isFollowed(leader, 4)).isTrue();
    }

    @Test
    void whoeverWasLeftOutWhileAnotherIsLeavingIsLetGoToo() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        ask(leader, 1, change().remove("n5"));
        accept(leader, 2, 2, 3, 4);
        ask(leader, 2, change().remove("n4"));
        accept(leader, 3, 2, 3, 4);
        rounds(leader, 12, 2, 3);
        assertThat(isFollowed(leader, 5)).isFalse();
        assertThat(isFollowed(leader, 4)).isFalse();
    }

    @Test
    void whoWasLeftOutAndComesBackAtOnceIsFollowedFurther() {
        CoreProbe leader = CoreProbe.settledLeader(4, 5);
        ask(leader, 1, change().remove("n4"));
        accept(leader, 2, 2, 3);
        heard(leader, 4, id(4));
        ask(leader, 2, change().addVoter("n4"));
        accept(leader, 3, 2, 3, 4);
        rounds(leader, 6, 2, 3, 4);
        assertThat(membership(leader)).isEqualTo(voters(1, 2, 3, 4));
    }

    @Test
    void whoWasRemovedWhileItWasAwayIsAskedSoThatItCanComeBack() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        ask(leader, 1, change().remove("n3"));
        accept(leader, 2, 2);
        rounds(leader, 12, 2);
        CoreProbe away = CoreProbe.follower(3, 4); // n3's log, say: it names all three
        away.passTime(2 * ELECTION_NANOS);
        assertThat(away.core.role()).isEqualTo(Role.PRE_CANDIDATE);
        assertThat(away.sent(FoundingState.class)).as("it thinks that it is a member").isEmpty();
        leader.sent();
        assertThat(refusal(leader, change().addVoter("n3"))).contains("try again");
        List<Effect.Send> asked =
                leader.sent().stream().filter(s -> s.message() instanceof FoundingState).toList();
        assertThat(asked).singleElement().matches(s -> s.to().node().equals(id(3).node()));
        away.receive(2, asked.get(0).message());
        List<FoundingState> answer = away.sentTo(2, FoundingState.class);
        assertThat(answer).hasSize(1);
        leader.receive(3, answer.get(0));
        ask(leader, 2, change().addVoter("n3"));
        assertThat(membership(leader).joining()).containsExactly(id(3));
    }

    // ---- joint consensus ----

    @Test
    void aChangeOfSeveralVotersGoesThroughAJointConfigurationThatIsLeftByItself() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        ask(leader, 7, change().remove("n4").remove("n5"));
        assertThat(membership(leader)).isEqualTo(joint(ids(1, 2, 3), ids(1, 2, 3, 4, 5)));
        leader.syncAll();
        accept(leader, 2, 2, 3);
        assertThat(membership(leader)).isEqualTo(voters(1, 2, 3));
        assertThat(leader.core.last()).isEqualTo(at(5, 3));
        assertThat(done(leader)).isEmpty();
        leader.syncAll();
        accept(leader, 3, 2);
        assertThat(done(leader)).containsExactly(new Effect.ChangeDone(7, 3, voters(1, 2, 3)));
    }

    @Test
    void theJointPhaseNeedsAMajorityOfEachHalf() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        ask(leader, 1, change().remove("n4").remove("n5"));
        leader.syncAll();
        accept(leader, 2, 2);
        assertThat(leader.core.commitIndex()).as("2 of 3, but 2 of 5").isEqualTo(1);
        accept(leader, 2, 4);
        assertThat(leader.core.commitIndex()).as("2 of 3, and 3 of 5").isEqualTo(2);
    }

    @Test
    void aCandidateInAJointConfigurationNeedsAMajorityOfEachHalf() {
        Membership joint = joint(ids(1, 2, 3), ids(1, 4, 5));
        CoreProbe candidate =
                CoreProbe.with(
                        5,
                        new HardState(4, null),
                        List.of(entry(4, 1), configuration(4, 2, joint)));
        candidate.passTime(2 * ELECTION_NANOS);
        assertThat(candidate.sent(RequestPreVote.class)).hasSize(4);
        candidate.receive(2, new PreVoteReply(5, true));
        candidate.receive(3, new PreVoteReply(5, true));
        assertThat(candidate.core.role()).isEqualTo(Role.PRE_CANDIDATE);
        candidate.receive(4, new PreVoteReply(5, true));
        candidate.syncAll();
        candidate.receive(2, new VoteReply(5, true));
        candidate.receive(3, new VoteReply(5, true));
        assertThat(candidate.core.role()).as("the new majority alone").isEqualTo(Role.CANDIDATE);
        candidate.receive(5, new VoteReply(5, true));
        assertThat(candidate.core.role()).isEqualTo(Role.LEADER);
    }

    /** Elects server 1 in term 5 with that log by the votes of 2 and 3. */
    private static CoreProbe successor(List<Entry> log) {
        CoreProbe successor = CoreProbe.with(5, new HardState(4, null), log);
        successor.passTime(2 * ELECTION_NANOS);
        successor.receive(2, new PreVoteReply(5, true));
        successor.receive(3, new PreVoteReply(5, true));
        successor.syncAll();
        successor.receive(2, new VoteReply(5, true));
        successor.receive(3, new VoteReply(5, true));
        successor.syncAll();
        assertThat(successor.core.role()).isEqualTo(Role.LEADER);
        successor.effects();
        successor.sent();
        return successor;
    }

    private static CoreProbe successorInJoint() {
        return successor(
                List.of(entry(4, 1), configuration(4, 2, joint(ids(1, 2, 3), ids(1, 2, 3, 4, 5)))));
    }

    @Test
    void aJointConfigurationThatTheLeaderDidNotLeaveIsLeftByItsSuccessor() {
        CoreProbe successor = successorInJoint();
        successor.receive(2, new AppendAccepted(5, 3));
        successor.receive(3, new AppendAccepted(5, 3));
        assertThat(membership(successor)).isEqualTo(voters(1, 2, 3));
        assertThat(successor.core.last()).isEqualTo(at(5, 4));
        assertThat(done(successor)).as("nobody asked this one").isEmpty();
    }

    @Test
    void aRecoveredUncommittedJointConfigurationIsCommittedBeforeItIsLeft() {
        CoreProbe successor = successorInJoint();
        rounds(successor, 2);
        assertThat(membership(successor).isJoint()).isTrue();
        successor.receive(2, new AppendAccepted(5, 2));
        successor.receive(3, new AppendAccepted(5, 2));
        assertThat(membership(successor).isJoint()).as("not committed by counting").isTrue();
        successor.receive(2, new AppendAccepted(5, 3));
        successor.receive(4, new AppendAccepted(5, 3));
        assertThat(membership(successor)).isEqualTo(voters(1, 2, 3));
    }

    // ---- a configuration leaves with its entry ----

    @Test
    void aConfigurationIsRolledBackWithItsEntry() {
        CoreProbe follower =
                CoreProbe.with(
                        3,
                        new HardState(4, null),
                        List.of(entry(3, 1), configuration(4, 2, voters(1))));
        follower.effects();
        assertThat(membership(follower)).isEqualTo(voters(1));
        follower.append(2, 5, at(3, 1), List.of(entry(5, 2)), 0);
        assertThat(membership(follower)).isEqualTo(voters(1, 2, 3));
        assertThat(follower.effects(Effect.ConfigurationChanged.class))
                .containsExactly(new Effect.ConfigurationChanged(0, voters(1, 2, 3), true));
        follower.syncAll();
        follower.passTime(2 * ELECTION_NANOS);
        assertThat(follower.core.role()).as("alone it is nobody").isEqualTo(Role.PRE_CANDIDATE);
    }

    @Test
    void aConfigurationSurvivesARestart() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        ask(leader, 1, change().remove("n3"));
        leader.syncAll();
        CoreProbe again = leader.restart();
        assertThat(membership(again)).isEqualTo(voters(1, 2));
        assertThat(again.effects(Effect.ConfigurationChanged.class))
                .containsExactly(new Effect.ConfigurationChanged(2, voters(1, 2), false));
    }

    @Test
    void aConfigurationThatThisVersionCantReadStopsTheReplicaBeforeIt() {
        CoreProbe follower = CoreProbe.follower(3, 4, 4);
        Entry unknown =
                new Entry(4, 2, EntryKind.CONFIGURATION, 0, Payload.copyOf(new byte[] {9, 9}));
        follower.append(2, 4, at(4, 1), List.of(unknown), 0);
        assertThat(follower.core.fault().code()).isEqualTo(Fault.Code.INCOMPATIBLE_VERSION);
        assertThat(follower.core.fault().message()).contains("4:2").contains("format 9");
        assertThat(follower.core.last()).isEqualTo(at(4, 1));
        assertThat(follower.sent(AppendAccepted.class)).isEmpty();
    }

    // ---- a leader that is left out ----

    @Test
    void aLeaderThatRemovesItselfLeadsUntilThatIsCommittedAndThenTellsTheFreshest() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        ask(leader, 1, change().remove("n1"));
        leader.syncAll();
        assertThat(leader.core.role()).isEqualTo(Role.LEADER);
        accept(leader, 2, 3);
        assertThat(leader.core.commitIndex()).as("itself and one of two").isEqualTo(1);
        accept(leader, 2, 2);
        assertThat(done(leader)).containsExactly(new Effect.ChangeDone(1, 2, voters(2, 3)));
        assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(leader.sent(TimeoutNow.class)).containsExactly(new TimeoutNow(5));
        leader.passTime(5 * ELECTION_NANOS);
        assertThat(leader.core.role()).as("it has no vote").isEqualTo(Role.FOLLOWER);
        assertThat(leader.core.term()).isEqualTo(5);
    }

    @Test
    void aLeaderThatIsLeftOutCountsItselfInNoQuorumOfReadsOrOfHearing() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        ask(leader, 1, change().remove("n1"));
        leader.read(9);
        leader.receive(2, new HeartbeatReply(5, 1));
        assertThat(leader.effects(Effect.ReadReady.class)).as("1 of 2").isEmpty();
        leader.receive(3, new HeartbeatReply(5, 1));
        assertThat(leader.effects(Effect.ReadReady.class)).hasSize(1);
        while (leader.core.role() == Role.LEADER) {
            leader.passTime(HEARTBEAT_NANOS);
            leader.receive(2, new HeartbeatReply(5, 1));
            assertThat(leader.now()).isLessThan(3 * ELECTION_NANOS + ELECTION_NANOS);
        }
    }

    @Test
    void aLeaderThatDemotesItselfStepsDownAndGoesOnAsALearner() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        ask(leader, 1, change().demote("n1"));
        accept(leader, 2, 2, 3);
        assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(membership(leader)).isEqualTo(new Membership(ids(2, 3), List.of(), ids(1)));
        leader.passTime(5 * ELECTION_NANOS);
        assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
        leader.append(2, 6, at(5, 2), List.of(entry(6, 3)), 3);
        leader.syncAll();
        assertThat(leader.sent(AppendAccepted.class)).containsExactly(new AppendAccepted(6, 3));
    }

    @Test
    void aLeaderThatIsRemovedWithATailPendingStepsDownAfterIt() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        ask(leader, 1, change().remove("n1"));
        leader.propose(7);
        assertThat(leader.effects(Effect.Admitted.class)).hasSize(1);
        accept(leader, 2, 2, 3);
        assertThat(leader.core.role()).isEqualTo(Role.LEADER);
        leader.propose(8);
        assertThat(leader.effects(Effect.Refused.class)).hasSize(1);
        assertThat(refusal(leader, change().remove("n3"))).contains("handed over");
        accept(leader, 3, 2, 3);
        assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(leader.core.commitIndex()).isEqualTo(3);
    }

    @Test
    void aRemovedLeaderWhoseTailDoesNotCommitWaitsNoLongerThanAnElectionTimeout() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        ask(leader, 1, change().remove("n1"));
        leader.propose(7);
        accept(leader, 2, 2, 3);
        for (int i = 0; i < 11; i++) {
            leader.passTime(HEARTBEAT_NANOS);
            leader.receive(2, new HeartbeatReply(5, 0));
            leader.receive(3, new HeartbeatReply(5, 0));
        }
        assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
    }

    @Test
    void aLeaderLeftOutOfAJointConfigurationLeavesItBeforeItStepsDown() {
        CoreProbe leader = CoreProbe.settledLeader(4, 5);
        ask(leader, 1, change().remove("n1").remove("n4"));
        leader.syncAll();
        accept(leader, 2, 2, 3);
        assertThat(leader.core.role()).isEqualTo(Role.LEADER);
        assertThat(membership(leader)).isEqualTo(voters(2, 3));
        accept(leader, 3, 2, 3);
        assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
    }

    @Test
    void aLeaderThatRetiresBringsItsTailToTheOthersAllTheSame() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        ask(leader, 1, change().remove("n1"));
        leader.propose(7);
        accept(leader, 2, 2, 3);
        leader.sent();
        leader.event(new Event.Connected(id(3).node())); // what was on its way is lost
        assertThat(leader.sentTo(3, AppendEntries.class))
                .hasSize(1)
                .first()
                .satisfies(append -> assertThat(append.lastIndex()).isEqualTo(3));
    }

    @Test
    void aLeaderThatSteppedDownSendsNothingAsOneAnyMore() {
        CoreProbe leader = CoreProbe.settledLeader(4, 5);
        ask(leader, 1, change().remove("n1"));
        accept(leader, 2, 2);
        leader.sent();
        leader.step(new Event.Connected(id(4).node())); // it would be sent again what it lacks
        accept(leader, 2, 3);
        assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(leader.sent(AppendEntries.class)).isEmpty();
    }

    @Test
    void theEndOfAJointConfigurationLeavesAtOnce() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        ask(leader, 7, change().remove("n4").remove("n5"));
        leader.syncAll();
        leader.sent();
        accept(leader, 2, 2, 3);
        assertThat(membership(leader)).isEqualTo(voters(1, 2, 3));
        assertThat(leader.sentTo(2, AppendEntries.class))
                .flatExtracting(AppendEntries::entries)
                .extracting(Entry::kind)
                .containsExactly(EntryKind.CONFIGURATION);
    }

    // ---- learners ----

    @Test
    void aLearnerCountsInNoQuorumAndIsPromotedOnceItHasCaughtUp() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        heard(leader, 3, id(4));
        ask(leader, 1, change().addVoter("n4"));
        Membership joining = new Membership(ids(1, 2, 3), List.of(), ids(4), ids(4));
        assertThat(membership(leader)).isEqualTo(joining);
        leader.syncAll();
        accept(leader, 2, 4);
        assertThat(leader.core.commitIndex()).as("a learner and the leader").isEqualTo(1);
        accept(leader, 2, 2);
        assertThat(done(leader)).containsExactly(new Effect.ChangeDone(1, 2, joining));
        rounds(leader, 3, 2, 3, 4);
        assertThat(membership(leader)).as("a few rounds").isEqualTo(joining);
        rounds(leader, 1, 2, 3, 4);
        assertThat(membership(leader)).isEqualTo(voters(1, 2, 3, 4));
        rounds(leader, 3, 2, 3, 4);
        assertThat(leader.core.last()).isEqualTo(at(5, 3));
    }

    @Test
    void aLearnerThatIsSilentOrLagsIsNotPromoted() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        heard(leader, 3, id(4));
        ask(leader, 1, change().addVoter("n4"));
        accept(leader, 2, 2, 3, 4);
        rounds(leader, 20, 2, 3);
        assertThat(membership(leader).voters()).as("silent").isEqualTo(ids(1, 2, 3));
        for (int i = 0; i < 60; i++) {
            leader.propose(i);
            long lagging = leader.core.last().index() - 12;
            leader.passTime(HEARTBEAT_NANOS);
            accept(leader, leader.core.last().index(), 2, 3);
            accept(leader, Math.max(1, lagging), 4);
        }
        assertThat(membership(leader).voters()).as("12 heartbeats behind").isEqualTo(ids(1, 2, 3));
        rounds(leader, 6, 2, 3, 4);
        assertThat(membership(leader).voters()).isEqualTo(ids(1, 2, 3, 4));
    }

    @Test
    void aLearnerThatIsNotJoiningStaysOneUntilItIsPromoted() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        heard(leader, 3, id(4));
        ask(leader, 1, change().addLearner("n4"));
        accept(leader, 2, 2, 3);
        assertThat(refusal(leader, change().promote("n4"))).contains("hasn't caught up");
        rounds(leader, 10, 2, 3, 4);
        assertThat(membership(leader).learners()).isEqualTo(ids(4));
        ask(leader, 2, change().promote("n4"));
        assertThat(membership(leader)).isEqualTo(voters(1, 2, 3, 4));
    }

    @Test
    void twoLearnersThatCaughtUpTogetherArePromotedTogetherThroughAJointConfiguration() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        heard(leader, 3, id(4));
        heard(leader, 3, id(5));
        ask(leader, 1, change().addVoter("n4").addVoter("n5"));
        accept(leader, 2, 2, 3);
        rounds(leader, 4, 2, 3, 4, 5);
        assertThat(membership(leader)).isEqualTo(voters(1, 2, 3, 4, 5));
        assertThat(leader.core.last()).as("joint, and left").isEqualTo(at(5, 4));
    }

    @Test
    void nobodyIsPromotedWhileLeadershipIsHandedOver() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        heard(leader, 3, id(4));
        ask(leader, 1, change().addVoter("n4"));
        accept(leader, 2, 2, 3);
        rounds(leader, 3, 2, 3, 4);
        leader.event(new Event.Transfer(9, null));
        assertThat(refusal(leader, change().remove("n3"))).contains("handed over");
        rounds(leader, 3, 2, 3, 4);
        assertThat(membership(leader).voters()).isEqualTo(ids(1, 2, 3));
    }

    @Test
    void timeoutNowToALearnerIsIgnored() {
        CoreProbe learner =
                CoreProbe.with(
                        3,
                        new HardState(4, null),
                        List.of(configuration(4, 1, new Membership(ids(2, 3), List.of(), ids(1)))));
        learner.receive(2, new Heartbeat(4, 1, 0));
        learner.receive(2, new TimeoutNow(4));
        learner.passTime(5 * ELECTION_NANOS);
        assertThat(learner.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(learner.core.term()).isEqualTo(4);
    }

    @Test
    void aPromotedLearnerThatDoesNotKnowItYetVotes() {
        CoreProbe learner =
                CoreProbe.with(
                        3,
                        new HardState(4, null),
                        List.of(configuration(4, 1, new Membership(ids(2, 3), List.of(), ids(1)))));
        learner.receive(2, new RequestPreVote(5, at(4, 2)));
        learner.receive(2, new RequestVote(5, at(4, 2)));
        learner.syncAll();
        assertThat(learner.sent(PreVoteReply.class)).containsExactly(new PreVoteReply(5, true));
        assertThat(learner.sent(VoteReply.class)).containsExactly(new VoteReply(5, true));
    }

    @Test
    void theVoteOfALearnerOrOfAnotherIncarnationIsNotCounted() {
        CoreProbe candidate = CoreProbe.follower(3, 4, 4).campaign();
        candidate.syncAll();
        ReplicaId other = new ReplicaId(id(2).node(), new UUID(0xCD, 2));
        candidate.event(new Event.Received(other, new VoteReply(5, true)));
        candidate.event(new Event.Received(id(9), new VoteReply(5, true)));
        assertThat(candidate.core.role()).isEqualTo(Role.CANDIDATE);
        candidate.receive(3, new VoteReply(5, true));
        assertThat(candidate.core.role()).isEqualTo(Role.LEADER);
    }

    // ---- who comes, and who comes back ----

    @Test
    void aNodeIdReusedOnAnEmptyDiskIsRefusedAsTheVoterThatItWas() {
        CoreProbe leader = CoreProbe.leader(3, 5);
        ReplicaId wiped = new ReplicaId(id(3).node(), new UUID(0xCD, 3));
        leader.event(new Event.Received(wiped, new AppendAccepted(5, 1)));
        assertThat(leader.core.commitIndex()).as("acks of another incarnation").isZero();
        accept(leader, 1, 2);
        heard(leader, 3, wiped);
        assertThat(refusal(leader, change().addVoter("n3")))
                .contains(id(3).toString())
                .contains(wiped.toString())
                .contains("replace it");
        ask(leader, 1, change().replace("n3"));
        assertThat(membership(leader))
                .isEqualTo(new Membership(ids(1, 2), List.of(), List.of(wiped), List.of(wiped)));
        leader.syncAll();
        accept(leader, 2, 2);
        for (int i = 0; i < 5; i++) {
            rounds(leader, 1, 2);
            leader.event(new Event.Received(wiped, new HeartbeatReply(5, 0)));
            leader.event(
                    new Event.Received(wiped, new AppendAccepted(5, leader.core.last().index())));
        }
        assertThat(membership(leader)).isEqualTo(Membership.ofVoters(List.of(id(1), id(2), wiped)));
    }

    @Test
    void aReplacedNodesNewIncarnationFollowsInTheOldOnesPlaceInOneStep() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        ReplicaId wiped = new ReplicaId(id(3).node(), new UUID(0xCD, 3));
        heard(leader, 5, wiped);
        ask(leader, 1, change().replace("n3").remove("n5"));
        Membership joint = membership(leader);
        assertThat(joint.voters()).isEqualTo(ids(1, 2, 4));
        assertThat(joint.outgoing()).isEqualTo(ids(1, 2, 3, 4, 5));
        assertThat(joint.joining()).containsExactly(wiped);
    }

    @Test
    void whatWasMeantForAReplacedIncarnationIsNotSentToTheNewOne() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.propose(1);
        leader.syncAll();
        accept(leader, 2, 2, 3);
        ReplicaId wiped = new ReplicaId(id(3).node(), new UUID(0xCD, 3));
        heard(leader, 3, wiped);
        ask(leader, 1, change().replace("n3"));
        leader.sent();
        leader.passTime(HEARTBEAT_NANOS);
        leader.propose(2);
        // Routed by node, it would tell the empty log of n3 what the old one had acknowledged, and
        // the new replica would take itself for one whose log was reverted.
        assertThat(leader.sent())
                .extracting(send -> send.to())
                .contains(wiped, id(2))
                .doesNotContain(id(3));
    }

    @Test
    void whatAReplacedIncarnationAnsweredBeforeIsNoSignOfLife() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        ReplicaId wiped = new ReplicaId(id(3).node(), new UUID(0xCD, 3));
        heard(leader, 5, wiped);
        leader.passTime(HEARTBEAT_NANOS);
        List<Heartbeat> before = leader.sentTo(3, Heartbeat.class);
        assertThat(before).hasSize(1);
        ask(leader, 1, change().replace("n3"));
        leader.sent();
        leader.receive(3, new HeartbeatReply(5, before.get(0).round())); // late
        leader.passTime(HEARTBEAT_NANOS);
        assertThat(leader.sent()).extracting(Effect.Send::to).contains(wiped).doesNotContain(id(3));
    }

    /**
     * A late message of the incarnation before made the operator put that one in the voter's place:
     * it never answers, and the voter is needed to get out of the joint configuration.
     */
    @Test
    void aVoterThatAnswersIsServedThoughAnEarlierIncarnationIsToReplaceIt() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        ReplicaId earlier = new ReplicaId(id(3).node(), new UUID(0xCD, 3));
        heard(leader, 5, earlier);
        leader.receive(3, new HeartbeatReply(5, 1));
        ask(leader, 1, change().replace("n3").remove("n5"));
        leader.sent();
        leader.passTime(HEARTBEAT_NANOS);
        long round =
                leader.sent().stream()
                        .filter(send -> send.to().equals(earlier))
                        .map(Effect.Send::message)
                        .filter(Heartbeat.class::isInstance)
                        .mapToLong(message -> ((Heartbeat) message).round())
                        .max()
                        .orElseThrow();
        leader.receive(3, new HeartbeatReply(5, round - 1));
        leader.passTime(HEARTBEAT_NANOS);
        assertThat(leader.sent()).extracting(Effect.Send::to).as("late").doesNotContain(id(3));
        leader.receive(3, new HeartbeatReply(5, round));
        leader.passTime(HEARTBEAT_NANOS);
        assertThat(leader.sent())
                .extracting(Effect.Send::to)
                .contains(id(3))
                .doesNotContain(earlier);
    }

    @Test
    void aRemovedServersCampaignDisturbsNobody() {
        CoreProbe leader = CoreProbe.settledLeader(4, 5);
        ask(leader, 1, change().remove("n4"));
        accept(leader, 2, 2, 3);
        leader.sent();
        leader.receive(4, new RequestPreVote(60, at(60, 90)));
        leader.receive(4, new RequestVote(60, at(60, 90)));
        assertThat(leader.core.role()).isEqualTo(Role.LEADER);
        assertThat(leader.core.term()).isEqualTo(5);
        CoreProbe follower = CoreProbe.follower(3, 5, 5);
        follower.receive(2, new Heartbeat(5, 0, 0));
        follower.receive(4, new RequestPreVote(60, at(60, 90)));
        follower.receive(4, new RequestVote(60, at(60, 90)));
        assertThat(follower.core.term()).isEqualTo(5);
        assertThat(follower.sentTo(4, PreVoteReply.class))
                .containsExactly(new PreVoteReply(5, false, id(2).node(), true));
    }

    @Test
    void aServerWhoseRemovalIsCommittedDoesNotCampaign() {
        CoreProbe removed =
                CoreProbe.with(
                        3, new HardState(4, null), List.of(configuration(4, 1, voters(2, 3))));
        removed.receive(2, new Heartbeat(4, 1, 0));
        removed.passTime(5 * ELECTION_NANOS);
        assertThat(removed.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(removed.sent(RequestPreVote.class)).isEmpty();
        assertThat(removed.sent(FoundingState.class)).as("it says that it is there").isNotEmpty();
    }

    /**
     * Server 1 had the only other copy of a log that the new configuration's one voter lacks: each
     * waited for the other for ever.
     */
    @Test
    void aServerWhoseRemovalMayNotBeCommittedCampaignsWithoutItsOwnVote() {
        CoreProbe removed =
                CoreProbe.with(
                        3, new HardState(4, null), List.of(configuration(4, 1, voters(2, 3))));
        removed.passTime(2 * ELECTION_NANOS);
        removed.receive(2, new PreVoteReply(5, true));
        assertThat(removed.core.role()).as("one of two").isEqualTo(Role.PRE_CANDIDATE);
        removed.receive(3, new PreVoteReply(5, true));
        removed.syncAll();
        removed.receive(2, new VoteReply(5, true));
        assertThat(removed.core.role()).as("one of two").isEqualTo(Role.CANDIDATE);
        removed.receive(3, new VoteReply(5, true));
        assertThat(removed.core.role()).isEqualTo(Role.LEADER);
        removed.syncAll();
        accept(removed, 2, 2, 3);
        assertThat(removed.core.role())
                .as("it brought them what they lacked")
                .isEqualTo(Role.FOLLOWER);
        assertThat(removed.sent(TimeoutNow.class)).hasSize(1);
    }

    @Test
    void aServerThatWasRemovedUnawaresMakesItselfKnownAndCanBeAddedAgain() {
        CoreProbe leader = CoreProbe.settledLeader(4, 5);
        ask(leader, 1, change().remove("n4"));
        accept(leader, 2, 2, 3);
        assertThat(refusal(leader, change().addVoter("n4"))).contains("was heard");
        leader.receive(4, new RequestPreVote(6, at(5, 1)));
        ask(leader, 2, change().addVoter("n4"));
        assertThat(membership(leader).joining()).isEqualTo(ids(4));
        CoreProbe learner =
                CoreProbe.with(
                        3,
                        new HardState(4, null),
                        List.of(configuration(4, 1, new Membership(ids(2, 3), List.of(), ids(1)))));
        learner.receive(2, new Heartbeat(4, 1, 0));
        learner.passTime(2 * ELECTION_NANOS);
        assertThat(learner.sent(FoundingState.class)).hasSize(2);
    }

    @Test
    void aServerThatTheConfigurationBeforeDidNotNameEitherDoesNotCampaign() {
        CoreProbe removed =
                CoreProbe.with(
                        3,
                        new HardState(4, null),
                        List.of(configuration(4, 1, voters(2, 3)), configuration(4, 2, voters(2))));
        removed.passTime(5 * ELECTION_NANOS);
        assertThat(removed.core.role()).isEqualTo(Role.FOLLOWER);
    }

    @Test
    void whoLivesOnTheNodeOfAMemberIsWarnedUntilItIsTheMember() {
        ReplicaId former = new ReplicaId(id(1).node(), new UUID(0xCD, 1));
        Membership before = Membership.ofVoters(List.of(former, id(2), id(3)));
        Membership after = new Membership(ids(2, 3), List.of(), ids(1), ids(1));
        CoreProbe wiped =
                CoreProbe.with(3, new HardState(4, null), List.of(configuration(4, 1, before)));
        assertThat(wiped.effects(Effect.Warned.class))
                .singleElement()
                .satisfies(
                        warned -> {
                            assertThat(warned.fault().code()).isEqualTo(Fault.Code.AMNESIA);
                            assertThat(warned.fault().message()).contains(former.toString());
                        });
        wiped.append(2, 4, at(4, 1), List.of(configuration(4, 2, after)), 0);
        assertThat(wiped.effects(Effect.Warned.class)).containsExactly(new Effect.Warned(null));
    }

    /** It may know nobody who has joined since the founding (simulation, seed 64). */
    @Test
    void whoIsNoMemberTellsTheLeaderToo() {
        CoreProbe outsider =
                CoreProbe.with(
                        3, new HardState(4, null), List.of(configuration(4, 1, voters(2, 3))));
        outsider.passTime(ELECTION_NANOS);
        assertThat(outsider.sent()).noneMatch(send -> send.to().node().equals(id(7).node()));
        outsider.receive(7, new Heartbeat(5, 0, 0));
        outsider.passTime(ELECTION_NANOS);
        outsider.syncAll();
        assertThat(outsider.sent())
                .anyMatch(
                        send ->
                                send.to().node().equals(id(7).node())
                                        && send.message() instanceof FoundingState);
    }

    // ---- a directory that was put back ----

    @Test
    void aReplicaWhoseLogIsShorterThanWhatItAcknowledgedInThisTermStops() {
        CoreProbe reverted = CoreProbe.follower(3, 5, 5, 5);
        reverted.receive(2, new Heartbeat(5, 3, 0));
        assertThat(reverted.core.fault().code()).isEqualTo(Fault.Code.LOG_REVERTED);
        assertThat(reverted.core.fault().message()).contains("up to 3").contains("5:2");
        assertThat(reverted.sent(HeartbeatReply.class)).isEmpty();
        assertThat(reverted.core.leader()).as("it follows nobody").isNull();
    }

    @Test
    void anOutsiderIsNotTakenForTheMemberWhoseHeartbeatItGets() {
        CoreProbe outsider =
                CoreProbe.with(
                        3, new HardState(4, null), List.of(configuration(4, 1, voters(2, 3))));
        outsider.receive(2, new Heartbeat(4, 9, 0));
        assertThat(outsider.core.fault()).isNull();
    }

    @Test
    void aMembershipOfOneElectsItselfAndAJointOneDoesNot() {
        CoreProbe alone =
                CoreProbe.with(3, new HardState(4, null), List.of(configuration(4, 1, voters(1))));
        alone.passTime(HEARTBEAT_NANOS);
        alone.syncAll();
        assertThat(alone.core.role()).isEqualTo(Role.LEADER);
        CoreProbe joint =
                CoreProbe.with(
                        3,
                        new HardState(4, null),
                        List.of(configuration(4, 1, joint(ids(1), ids(1, 2, 3)))));
        joint.passTime(2 * ELECTION_NANOS);
        joint.syncAll();
        assertThat(joint.core.role()).isEqualTo(Role.PRE_CANDIDATE);
    }
}
