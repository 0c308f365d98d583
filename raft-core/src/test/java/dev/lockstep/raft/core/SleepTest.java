package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.ELECTION_NANOS;
import static dev.lockstep.raft.core.CoreProbe.HEARTBEAT_NANOS;
import static dev.lockstep.raft.core.CoreProbe.OPTIONS;
import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.RequestReadIndex;
import dev.lockstep.raft.message.RequestSleep;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.Resignation;
import dev.lockstep.raft.message.SleepReply;
import dev.lockstep.raft.message.TimeoutNow;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogRoom;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.Role;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who falls asleep and who wakes, one claim each. */
class SleepTest {
    private static final long QUIET_NANOS = OPTIONS.sleepAfter().toNanos();
    private static final RaftOptions LEASES = OPTIONS.with().leaseReads(true).build();

    // ---- the leader ----

    /** Time passes, in which the others answer each heartbeat; their questions are left. */
    private static void live(CoreProbe leader, long nanos, int... others) {
        for (long passed = 0; passed < nanos; passed += HEARTBEAT_NANOS) {
            leader.passTime(HEARTBEAT_NANOS);
            leader.syncAll();
            for (int other : others) {
                for (Heartbeat heartbeat : leader.sentTo(other, Heartbeat.class)) {
                    leader.receive(
                            other, new HeartbeatReply(leader.core.term(), heartbeat.round()));
                }
            }
        }
    }

    /** Leads three in term 5 with one entry, and has just asked the others to sleep. */
    private static CoreProbe asking(RaftOptions options) {
        CoreProbe leader = CoreProbe.settledLeader(options, 3, 5);
        leader.read(99);
        live(leader, QUIET_NANOS - HEARTBEAT_NANOS, 2, 3);
        assertThat(leader.sent(RequestSleep.class)).isEmpty();
        while (leader.sentTo(2, RequestSleep.class).isEmpty()) {
            assertThat(leader.now()).isLessThan(3 * QUIET_NANOS);
            live(leader, HEARTBEAT_NANOS, 2, 3);
        }
        return leader;
    }

    private static long attempt(CoreProbe leader) {
        return leader.sentTo(3, RequestSleep.class).get(0).attempt();
    }

    private static CoreProbe asleep(RaftOptions options) {
        CoreProbe leader = asking(options);
        long attempt = attempt(leader);
        leader.receive(2, new SleepReply(5, attempt, true));
        assertThat(leader.core.isAsleep()).isFalse();
        leader.receive(3, new SleepReply(5, attempt, true));
        assertThat(leader.core.isAsleep()).isTrue();
        leader.sent();
        leader.effects();
        return leader;
    }

    private static CoreProbe asleep() {
        return asleep(OPTIONS);
    }

    @Test
    void aQuietLeaderAsksInPlaceOfAHeartbeatAndSleepsOnceAllDo() {
        CoreProbe leader = asking(OPTIONS);
        assertThat(leader.sentTo(3, RequestSleep.class))
                .containsExactly(new RequestSleep(5, at(5, 1), 1));
        assertThat(leader.sent(Heartbeat.class)).isEmpty();
        CoreProbe asleep = asleep();
        assertThat(asleep.core.deadlineNanos()).isEqualTo(RaftCore.NO_DEADLINE);
        asleep.passTime(1_000 * ELECTION_NANOS);
        assertThat(asleep.sent()).isEmpty();
        assertThat(asleep.effects()).as("not even a probe of the disk").isEmpty();
        assertThat(asleep.core.role()).isEqualTo(Role.LEADER);
    }

    @Test
    void whoIsSwitchedOffNeverSleeps() {
        RaftOptions never = OPTIONS.with().sleepAfter(Duration.ZERO).build();
        CoreProbe leader = CoreProbe.settledLeader(never, 3, 5);
        live(leader, 4 * QUIET_NANOS, 2, 3);
        assertThat(leader.sent(RequestSleep.class)).isEmpty();
    }

    @Test
    void theTimeMustLetOthersLeadFirst() {
        assertThatThrownBy(() -> OPTIONS.with().sleepAfter(Duration.ofMillis(1999)).build())
                .hasMessageContaining("sleepAfter")
                .hasMessageContaining("twice electionTimeout");
    }

    @Test
    void aLoneServerSleepsWithoutAsking() {
        CoreProbe leader = CoreProbe.settledLeader(1, 5);
        for (int i = 0; i < 60 && !leader.core.isAsleep(); i++) {
            live(leader, HEARTBEAT_NANOS);
        }
        assertThat(leader.core.isAsleep()).isTrue();
        leader.propose(1);
        assertThat(leader.core.isAsleep()).isFalse();
    }

    @Test
    void nobodySleepsWhileAMemberIsBehind() {
        CoreProbe leader = CoreProbe.leader(3, 5);
        leader.receive(2, new AppendAccepted(5, 1));
        live(leader, 2 * QUIET_NANOS, 2, 3);
        assertThat(leader.sent(RequestSleep.class)).isEmpty();
        leader.receive(3, new AppendAccepted(5, 1));
        live(leader, QUIET_NANOS, 2, 3);
        assertThat(leader.sent(RequestSleep.class)).isNotEmpty();
    }

    @Test
    void nobodySleepsWhileAMemberIsSilent() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        live(leader, 2 * QUIET_NANOS, 2);
        assertThat(leader.sent(RequestSleep.class)).isEmpty();
        assertThat(leader.core.role()).isEqualTo(Role.LEADER);
    }

    @Test
    void nobodySleepsWithAnEntryThatIsNotApplied() {
        CoreProbe leader = CoreProbe.leader(3, 5);
        leader.machineIsStuck = true;
        leader.receive(2, new AppendAccepted(5, 1));
        leader.receive(3, new AppendAccepted(5, 1));
        live(leader, QUIET_NANOS + ELECTION_NANOS, 2, 3);
        assertThat(leader.sent(RequestSleep.class)).isEmpty();
    }

    @Test
    void nobodySleepsWhileALearnerJoins() {
        Membership joining =
                new Membership(List.of(id(1), id(2)), List.of(), List.of(id(3)), List.of(id(3)));
        CoreProbe leader = CoreProbe.leader(joining, 5);
        leader.receive(2, new AppendAccepted(5, 1));
        live(leader, 2 * QUIET_NANOS, 2);
        assertThat(leader.sent(RequestSleep.class)).isEmpty();
    }

    @Test
    void nobodySleepsWhileOneThatShouldRatherLeadIsStuck() {
        CoreProbe leader =
                CoreProbe.settledLeader(OPTIONS.with().electionPriority(90).build(), 3, 5);
        for (int i = 0; i < 100; i++) {
            leader.passTime(HEARTBEAT_NANOS);
            leader.syncAll();
            leader.receive(2, new HeartbeatReply(5, 0, 0, 9_000, 100));
            leader.receive(3, new HeartbeatReply(5, 0, 0, 0, 90));
        }
        assertThat(leader.core.role()).isEqualTo(Role.LEADER);
        assertThat(leader.sent(RequestSleep.class)).isEmpty();
    }

    @Test
    void anAnswerToAnEarlierQuestionCountsNothing() {
        CoreProbe leader = asking(OPTIONS);
        long attempt = attempt(leader);
        leader.receive(2, new SleepReply(5, attempt, true));
        leader.read(1);
        leader.receive(3, new SleepReply(5, attempt, true));
        leader.receive(2, new SleepReply(5, attempt, true));
        assertThat(leader.core.isAsleep()).isFalse();
    }

    @Test
    void anUnansweredQuestionIsGivenUpAndHeartbeatsWakeWhoHasAnswered() {
        CoreProbe leader = asking(OPTIONS);
        leader.receive(2, new SleepReply(5, attempt(leader), true));
        leader.passTime(ELECTION_NANOS / 2 - HEARTBEAT_NANOS);
        assertThat(leader.sent()).isEmpty();
        leader.passTime(HEARTBEAT_NANOS);
        assertThat(leader.sent(Heartbeat.class)).hasSize(2);
        live(leader, ELECTION_NANOS - HEARTBEAT_NANOS, 2, 3);
        assertThat(leader.sent(RequestSleep.class)).as("for a while").isEmpty();
        live(leader, 2 * HEARTBEAT_NANOS, 2, 3);
        assertThat(leader.sent(RequestSleep.class)).isNotEmpty();
    }

    @Test
    void whoDoesNotAgreeEndsTheQuestionAtOnce() {
        CoreProbe leader = asking(OPTIONS);
        leader.receive(2, new SleepReply(5, attempt(leader), false));
        leader.passTime(HEARTBEAT_NANOS);
        assertThat(leader.sent(Heartbeat.class)).hasSize(2);
    }

    private static void wakes(Event event) {
        CoreProbe leader = asleep();
        leader.passTime(100 * ELECTION_NANOS);
        leader.event(event);
        assertThat(leader.core.isAsleep()).isFalse();
        assertThat(leader.core.role()).isEqualTo(Role.LEADER);
        assertThat(leader.sentTo(2, Heartbeat.class)).isNotEmpty();
        assertThat(leader.sentTo(3, Heartbeat.class)).isNotEmpty();
        leader.passTime(ELECTION_NANOS - 1);
        assertThat(leader.core.role()).as("nobody was missed in sleep").isEqualTo(Role.LEADER);
        leader.passTime(ELECTION_NANOS);
        assertThat(leader.core.role()).as("check-quorum goes on").isEqualTo(Role.FOLLOWER);
    }

    @Test
    void anyUseWakesTheLeaderWhichSaysSoAtOnce() {
        wakes(new Event.Read(7));
        wakes(new Event.Received(id(2), new RequestPreVote(6, at(5, 1))));
        wakes(new Event.Received(id(2), new SleepReply(5, 0, false)));
        wakes(new Event.Received(id(9), new RequestPreVote(6, at(5, 1))));
        wakes(new Event.RoomChanged(LogRoom.DISK_FULL));
    }

    /** Sleeps, and so does 2; the host of 3 isn't there. */
    private static CoreProbe asleepWithoutThree() {
        CoreProbe leader = CoreProbe.settledLeader(OPTIONS, 3, 5);
        leader.event(new Event.Disconnected(id(3).node()));
        live(leader, QUIET_NANOS, 2);
        leader.sent(RequestSleep.class);
        while (!leader.core.isAsleep()) {
            assertThat(leader.now()).isLessThan(3 * QUIET_NANOS);
            live(leader, HEARTBEAT_NANOS, 2);
            for (RequestSleep asked : leader.sentTo(2, RequestSleep.class)) {
                leader.receive(2, new SleepReply(5, asked.attempt(), true));
            }
        }
        leader.sent();
        return leader;
    }

    @Test
    void aHostThatIsNotThereKeepsNobodyAwakeAndWakesItsLeadersWhenItComes() {
        CoreProbe leader = asleepWithoutThree();
        assertThat(leader.core.sleepsWithout(id(3).node())).isTrue();
        assertThat(leader.core.sleepsWithout(id(2).node())).isFalse();
        leader.event(new Event.Connected(id(2).node()));
        assertThat(leader.core.isAsleep()).isTrue();
        leader.event(new Event.Connected(id(3).node()));
        assertThat(leader.core.isAsleep()).isFalse();
        assertThat(leader.sentTo(3, Heartbeat.class)).isNotEmpty();
    }

    @Test
    void whoCannotReachAQuorumDoesNotSleep() {
        CoreProbe leader = CoreProbe.settledLeader(OPTIONS, 3, 5);
        leader.event(new Event.Disconnected(id(2).node()));
        leader.event(new Event.Disconnected(id(3).node()));
        live(leader, 2 * QUIET_NANOS);
        assertThat(leader.core.isAsleep()).isFalse();
        assertThat(leader.core.role()).isNotEqualTo(Role.LEADER);
    }

    private static boolean sleepsAgainSoonAfter(Event event) {
        CoreProbe leader = asleep();
        leader.event(event);
        live(leader, ELECTION_NANOS + 2 * HEARTBEAT_NANOS, 2, 3);
        return !leader.sent(RequestSleep.class).isEmpty();
    }

    @Test
    void aClientKeepsTheLeaderAwakeForLongAndADoubtOnlyUntilAllAreHeard() {
        assertThat(QUIET_NANOS).isGreaterThan(2 * ELECTION_NANOS);
        assertThat(sleepsAgainSoonAfter(new Event.Read(7))).isFalse();
        assertThat(
                        sleepsAgainSoonAfter(
                                new Event.Received(id(2), new RequestReadIndex(5, 8, false))))
                .isFalse();
        assertThat(sleepsAgainSoonAfter(new Event.Received(id(2), new SleepReply(5, 0, false))))
                .isTrue();
        assertThat(sleepsAgainSoonAfter(new Event.Received(id(2), new RequestPreVote(6, at(5, 1)))))
                .isTrue();
    }

    @Test
    void whatIsNoUseWakesNobody() {
        CoreProbe leader = asleep();
        leader.event(Event.Wake.INSTANCE);
        leader.receive(2, new HeartbeatReply(5, 0));
        leader.receive(2, new AppendAccepted(5, 1));
        leader.receive(2, new SleepReply(5, 1, true));
        leader.event(new Event.Suspected(id(2).node()));
        leader.event(new Event.RoomChanged(LogRoom.AT_BOUND));
        assertThat(leader.core.isAsleep()).isTrue();
        assertThat(leader.sent()).isEmpty();
    }

    @Test
    void aProposalWakesTheLeaderAndIsReplicated() {
        CoreProbe leader = asleep();
        leader.propose(7);
        assertThat(leader.sentTo(2, AppendEntries.class).get(0).entries()).hasSize(1);
        CoreProbe other = asleep();
        other.receive(2, new ForwardProposal(5, 9, Payload.of(1)));
        assertThat(other.sentTo(3, AppendEntries.class).get(0).entries()).hasSize(1);
    }

    @Test
    void aReadOfWhoSleptNeedsARoundAsEver() {
        CoreProbe leader = asleep();
        leader.read(7);
        assertThat(leader.effects(Effect.ReadReady.class)).isEmpty();
        Heartbeat heartbeat = leader.sentTo(2, Heartbeat.class).get(1);
        leader.receive(2, new HeartbeatReply(5, heartbeat.round() - 1));
        assertThat(leader.effects(Effect.ReadReady.class)).isEmpty();
        leader.receive(2, new HeartbeatReply(5, heartbeat.round()));
        assertThat(leader.effects(Effect.ReadReady.class)).hasSize(1);
    }

    @Test
    void noLeaseOutlivesItsPromisesInSleep() {
        CoreProbe leader = asleep(LEASES);
        leader.passTime(2 * ELECTION_NANOS);
        leader.event(new Event.Read(7, true));
        assertThat(leader.effects(Effect.ReadReady.class)).isEmpty();
    }

    @Test
    void aTransferWaitsUntilItIsKnownWhoIsThere() {
        CoreProbe leader = asleep();
        leader.passTime(100 * ELECTION_NANOS);
        leader.event(new Event.Transfer(7, id(3).node()));
        assertThat(leader.effects(Effect.TransferAborted.class)).isEmpty();
        leader.receive(2, new HeartbeatReply(5, 0));
        assertThat(leader.sent(TimeoutNow.class)).isEmpty();
        leader.receive(3, new HeartbeatReply(5, 0));
        assertThat(leader.sentTo(3, TimeoutNow.class)).hasSize(1);
    }

    @Test
    void aTransferToWhomNobodyHearsIsRefusedAfterAWhile() {
        CoreProbe leader = asleep();
        leader.passTime(100 * ELECTION_NANOS);
        leader.event(new Event.Transfer(7, id(3).node()));
        leader.receive(2, new HeartbeatReply(5, 0));
        leader.passTime(ELECTION_NANOS / 2);
        assertThat(leader.effects(Effect.TransferAborted.class)).hasSize(1);
        assertThat(leader.core.role()).isEqualTo(Role.LEADER);
    }

    @Test
    void aChangeWaitsUntilItIsKnownWhoIsThere() {
        CoreProbe leader = asleep();
        leader.passTime(100 * ELECTION_NANOS);
        leader.event(
                new Event.ChangeMembership(7, MembershipChange.builder().remove("n3").build()));
        assertThat(leader.effects(Effect.ChangeRefused.class)).isEmpty();
        assertThat(leader.core.last()).isEqualTo(at(5, 1));
        leader.receive(2, new HeartbeatReply(5, 0));
        leader.receive(3, new HeartbeatReply(5, 0));
        assertThat(leader.core.last()).isEqualTo(at(5, 2));
    }

    @Test
    void whatWaitsEndsWithTheLeadership() {
        CoreProbe leader = asleep();
        leader.passTime(ELECTION_NANOS);
        leader.event(new Event.Transfer(7, id(3).node()));
        leader.receive(2, new AppendEntries(6, at(5, 1), List.of(), 0));
        assertThat(leader.effects(Effect.TransferAborted.class)).hasSize(1);
    }

    @Test
    void aLeaderThatHaltsOrClosesInItsSleepSaysSo() {
        CoreProbe closed = asleep();
        closed.event(new Event.Resign());
        assertThat(closed.sent(Resignation.class)).hasSize(2);
        CoreProbe halted = asleep();
        halted.event(new Event.Failed(new Fault(Fault.Code.STORAGE_FAILED, "gone")));
        assertThat(halted.sent(Resignation.class)).hasSize(2);
        assertThat(halted.core.isAsleep()).isFalse();
    }

    // ---- a follower ----

    /** Follows 2 in term 5 with one entry, committed and applied. */
    private static CoreProbe following() {
        CoreProbe probe = CoreProbe.follower(OPTIONS, 3, new HardState(4, null));
        probe.append(2, 5, at(0, 0), CoreProbe.log(5), 1);
        probe.syncAll();
        probe.passTime(1);
        probe.sent();
        return probe;
    }

    private static boolean sleeps(CoreProbe probe, RequestSleep request) {
        probe.receive(2, request);
        List<SleepReply> replies = probe.sentTo(2, SleepReply.class);
        assertThat(replies)
                .containsExactly(new SleepReply(5, request.attempt(), probe.core.isAsleep()));
        return probe.core.isAsleep();
    }

    private static CoreProbe sleeping() {
        CoreProbe probe = following();
        assertThat(sleeps(probe, new RequestSleep(5, at(5, 1), 3))).isTrue();
        return probe;
    }

    @Test
    void aFollowerThatAgreesWaitsForNoTime() {
        CoreProbe probe = sleeping();
        assertThat(probe.core.deadlineNanos()).isEqualTo(RaftCore.NO_DEADLINE);
        probe.passTime(1_000 * ELECTION_NANOS);
        assertThat(probe.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(probe.sent()).isEmpty();
    }

    @Test
    void aFollowerThatHoldsLessOrMoreDoesNotSleep() {
        assertThat(sleeps(following(), new RequestSleep(5, at(4, 1), 3))).isFalse();
        CoreProbe more = following();
        more.append(2, 5, at(5, 1), CoreProbe.logFrom(2, 5), 2);
        more.syncAll();
        more.passTime(1);
        more.sent();
        assertThat(sleeps(more, new RequestSleep(5, at(5, 1), 3))).isFalse();
        CoreProbe undurable = following();
        undurable.append(2, 5, at(5, 1), CoreProbe.logFrom(2, 5), 2);
        undurable.passTime(1);
        undurable.sent();
        assertThat(sleeps(undurable, new RequestSleep(5, at(5, 2), 3))).isFalse();
    }

    @Test
    void aFollowerThatHasNotAppliedEverythingDoesNotSleep() {
        CoreProbe probe = following();
        probe.machineIsStuck = true;
        probe.append(2, 5, at(5, 1), CoreProbe.logFrom(2, 5), 2);
        probe.syncAll();
        probe.sent();
        assertThat(sleeps(probe, new RequestSleep(5, at(5, 2), 3))).isFalse();
    }

    @Test
    void aQuestionOfAnEarlierTermPutsNobodyToSleepAndTellsTheLaterTerm() {
        CoreProbe probe = following();
        probe.receive(3, new RequestSleep(4, at(5, 1), 3));
        assertThat(probe.core.isAsleep()).isFalse();
        assertThat(probe.sentTo(3, SleepReply.class)).containsExactly(new SleepReply(5, 3, false));
    }

    @Test
    void aQuestionOfALaterTermPutsNobodyToSleepBeforeThatIsDurable() {
        CoreProbe probe = following();
        probe.receive(3, new RequestSleep(6, at(5, 1), 3));
        assertThat(probe.core.isAsleep()).isFalse();
        assertThat(probe.core.term()).isEqualTo(6);
    }

    @Test
    void whoseLeaderHasResignedDoesNotSleepByALateQuestion() {
        CoreProbe probe = following();
        probe.receive(2, new Resignation(5));
        assertThat(sleeps(probe, new RequestSleep(5, at(5, 1), 3))).isFalse();
    }

    @Test
    void aCandidateThatIsAskedFollows() {
        CoreProbe probe = following();
        probe.passTime(2 * ELECTION_NANOS);
        assertThat(probe.core.role()).isEqualTo(Role.PRE_CANDIDATE);
        probe.receive(2, new RequestSleep(5, at(5, 1), 3));
        assertThat(probe.core.role()).isEqualTo(Role.FOLLOWER);
    }

    private static CoreProbe woken(int from, Message message) {
        CoreProbe probe = sleeping();
        probe.passTime(100 * ELECTION_NANOS);
        probe.receive(from, message);
        assertThat(probe.core.isAsleep()).isFalse();
        return probe;
    }

    @Test
    void whoeverElseIsHeardWakesAFollowerWhichTellsItsLeader() {
        CoreProbe probe = woken(3, new RequestPreVote(6, at(5, 1)));
        assertThat(probe.sentTo(2, SleepReply.class)).containsExactly(new SleepReply(5, 0, false));
        assertThat(probe.core.deadlineNanos() - probe.now())
                .isBetween(ELECTION_NANOS, 2 * ELECTION_NANOS);
        probe.passTime(2 * ELECTION_NANOS);
        assertThat(probe.core.role()).as("no leader answers").isEqualTo(Role.PRE_CANDIDATE);
    }

    @Test
    void theLeadersOwnMessageWakesAFollowerAndIsAnsweredAsEver() {
        CoreProbe probe = woken(2, new Heartbeat(5, 1, 0));
        assertThat(probe.sent(SleepReply.class)).isEmpty();
        assertThat(probe.sent(HeartbeatReply.class)).hasSize(1);
    }

    @Test
    void whoSleepsAndDoesNotSuspectItsLeaderElectsNobody() {
        CoreProbe probe = woken(3, new RequestPreVote(6, at(5, 1)));
        assertThat(probe.sentTo(3, PreVoteReply.class))
                .containsExactly(new PreVoteReply(5, false, id(2).node(), true));
        CoreProbe other = woken(3, new RequestVote(6, at(5, 1), false));
        assertThat(other.core.term()).isEqualTo(5);
    }

    @Test
    void aLocalUseWakesAFollowerAndItsLeader() {
        CoreProbe probe = sleeping();
        probe.propose(7);
        assertThat(probe.core.isAsleep()).isFalse();
        assertThat(probe.effects(Effect.Forward.class)).hasSize(1);
        CoreProbe reader = sleeping();
        reader.read(7);
        assertThat(reader.core.isAsleep()).isFalse();
        assertThat(reader.sentTo(2, SleepReply.class)).hasSize(1);
    }

    @Test
    void aResignationWakesAFollowerWhichRefusesNobodyForItsSake() {
        CoreProbe probe = woken(2, new Resignation(5));
        probe.receive(3, new RequestPreVote(6, at(5, 1)));
        assertThat(probe.sentTo(3, PreVoteReply.class).get(0).granted()).isTrue();
    }

    @Test
    void whoseLeadersHostIsSuspectedAsksSoonAndGrantsAtOnce() {
        CoreProbe probe = sleeping();
        probe.event(new Event.Suspected(id(3).node()));
        assertThat(probe.core.isAsleep()).as("of another").isTrue();
        probe.event(new Event.Suspected(id(2).node()));
        assertThat(probe.core.isAsleep()).isFalse();
        assertThat(probe.core.deadlineNanos() - probe.now()).isLessThan(ELECTION_NANOS);
        probe.receive(3, new RequestPreVote(6, at(5, 1)));
        assertThat(probe.sentTo(3, PreVoteReply.class).get(0).granted()).isTrue();
        probe.passTime(ELECTION_NANOS);
        assertThat(probe.core.role()).isEqualTo(Role.PRE_CANDIDATE);
    }

    @Test
    void aSuspicionThatWasWrongElectsNobody() {
        CoreProbe probe = sleeping();
        probe.event(new Event.Suspected(id(2).node()));
        probe.receive(2, new Heartbeat(5, 1, 0));
        probe.passTime(ELECTION_NANOS);
        assertThat(probe.core.role()).isEqualTo(Role.FOLLOWER);
        probe.receive(2, new Heartbeat(5, 1, 0));
        probe.receive(3, new RequestPreVote(6, at(5, 1)));
        assertThat(probe.sentTo(3, PreVoteReply.class).get(0).granted()).isFalse();
    }

    @Test
    void whoRestartsDoesNotSleepAndItsCampaignWakesTheLeader() {
        CoreProbe probe = sleeping().restart();
        assertThat(probe.core.isAsleep()).isFalse();
        probe.passTime(2 * ELECTION_NANOS);
        assertThat(probe.sentTo(2, RequestPreVote.class)).hasSize(1);
    }
}
