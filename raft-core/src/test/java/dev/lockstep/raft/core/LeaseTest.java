package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.ReadIndexReply;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.RequestReadIndex;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.TimeoutNow;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.Role;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reads by lease, and the promises that they rest on (§6.4.1), one claim each. */
class LeaseTest {
    private static final long MILLI = 1_000_000;
    private static final RaftOptions OPTIONS =
            RaftOptions.defaults().with().leaseReads(true).clockDriftPpm(1_000).build();
    private static final long E = OPTIONS.electionTimeout().toNanos();
    private static final long BEAT = OPTIONS.heartbeatInterval().toNanos();

    /** What a promise of E is worth to a leader when each clock is off by a thousandth. */
    private static final long WORTH = (long) (E * 0.999 / 1.001) - 1;

    private static CoreProbe leader(int servers) {
        return CoreProbe.settledLeader(OPTIONS, servers, 5);
    }

    /** The next heartbeat leaves; returns its round. */
    private static long beat(CoreProbe leader) {
        leader.syncAll(); // or it would give way to somebody whose disk works
        leader.passTime(BEAT);
        List<Heartbeat> sent = leader.sentTo(2, Heartbeat.class);
        return sent.get(sent.size() - 1).round();
    }

    private static boolean readsByLease(CoreProbe leader) {
        leader.event(new Event.Read(77, true));
        leader.sent();
        return leader.effects(Effect.ReadReady.class).stream()
                .anyMatch(effect -> effect.lease() != null);
    }

    @Test
    void aQuorumThatPromisedSparesTheRound() {
        CoreProbe leader = leader(3);
        assertThat(readsByLease(leader)).as("nobody promised yet").isFalse();
        long round = beat(leader);
        leader.receive(2, new HeartbeatReply(5, round, E));
        leader.effects();
        leader.sent();
        leader.event(new Event.Read(8, true));
        assertThat(leader.sent(Heartbeat.class)).isEmpty();
        List<Effect.ReadReady> ready = leader.effects(Effect.ReadReady.class);
        assertThat(ready).hasSize(1);
        assertThat(ready.get(0).index()).isEqualTo(1);
        assertThat(ready.get(0).lease().untilNanos()).isEqualTo(leader.now() + WORTH);
    }

    @Test
    void aReadThatAsksForAQuorumGetsOneThoughThereIsALease() {
        CoreProbe leader = leader(3);
        leader.receive(2, new HeartbeatReply(5, beat(leader), E));
        leader.sent();
        leader.read(8);
        assertThat(leader.effects(Effect.ReadReady.class)).isEmpty();
        assertThat(leader.sent(Heartbeat.class)).hasSize(2);
    }

    @Test
    void theLeaseRunsFromWhenTheHeartbeatLeftNotFromItsAnswer() {
        CoreProbe leader = leader(3);
        long round = beat(leader);
        long sent = leader.now();
        leader.passTime(BEAT / 2);
        leader.receive(2, new HeartbeatReply(5, round, E));
        leader.effects();
        leader.event(new Event.Read(8, true));
        assertThat(leader.effects(Effect.ReadReady.class).get(0).lease().untilNanos())
                .isEqualTo(sent + WORTH);
    }

    @Test
    void theLeaseEndsToTheNanosecond() {
        for (boolean late : new boolean[] {false, true}) {
            CoreProbe leader = leader(3);
            long round = beat(leader);
            leader.receive(2, new HeartbeatReply(5, round, E));
            // Answers without promise keep it in office.
            leader.passTime(WORTH - BEAT);
            leader.receive(2, new HeartbeatReply(5, round, 0));
            leader.passTime(late ? BEAT : BEAT - 1);
            leader.receive(2, new HeartbeatReply(5, round, 0));
            assertThat(leader.core.role()).isEqualTo(Role.LEADER);
            assertThat(readsByLease(leader)).isEqualTo(!late);
        }
    }

    @Test
    void aShorterPromiseMakesAShorterLease() {
        CoreProbe leader = leader(3);
        leader.receive(2, new HeartbeatReply(5, beat(leader), BEAT));
        assertThat(readsByLease(leader)).isTrue();
        leader.passTime(BEAT - BEAT / 1_000);
        assertThat(readsByLease(leader)).isFalse();
    }

    @Test
    void oneOfFiveIsNoQuorumAndTheWeakestPromiseCounts() {
        CoreProbe leader = leader(5);
        long round = beat(leader);
        leader.receive(2, new HeartbeatReply(5, round, E));
        assertThat(readsByLease(leader)).isFalse();
        leader.receive(3, new HeartbeatReply(5, round, 0));
        assertThat(readsByLease(leader)).isFalse();
        leader.receive(3, new HeartbeatReply(5, round, BEAT));
        assertThat(readsByLease(leader)).isTrue();
        leader.passTime(BEAT);
        assertThat(readsByLease(leader)).isFalse();
    }

    @Test
    void beforeAnEntryOfItsTermIsCommittedTheLeaseIsOfNoUse() {
        CoreProbe leader = CoreProbe.leader(OPTIONS, 3, 5, 1, 1);
        leader.receive(2, new HeartbeatReply(5, beat(leader), E));
        assertThat(readsByLease(leader)).isFalse();
        leader.receive(2, new AppendAccepted(5, 3));
        assertThat(readsByLease(leader)).isTrue();
    }

    @Test
    void whoAskedAnotherToCampaignHasNoLeaseForTheRestOfItsTerm() {
        CoreProbe leader = leader(3);
        leader.receive(2, new HeartbeatReply(5, beat(leader), E));
        assertThat(readsByLease(leader)).isTrue();
        leader.event(new Event.Transfer(9, id(3).node()));
        assertThat(leader.sent(TimeoutNow.class)).hasSize(1);
        assertThat(readsByLease(leader)).isFalse();
        for (int i = 0; i < 12; i++) {
            leader.receive(2, new HeartbeatReply(5, beat(leader), E));
        }
        assertThat(leader.effects(Effect.TransferAborted.class)).hasSize(1);
        assertThat(readsByLease(leader)).as("long after the transfer was given up").isFalse();
    }

    @Test
    void aWallClockThatJumpsEndsTheLeaseUntilHeartbeatsAfterItAreAnswered() {
        for (long jump : new long[] {-60_000, 60_000}) {
            CoreProbe leader = leader(3);
            long before = beat(leader);
            leader.receive(2, new HeartbeatReply(5, before, E));
            assertThat(readsByLease(leader)).isTrue();
            leader.jumpWall(jump);
            assertThat(readsByLease(leader)).isFalse();
            leader.receive(3, new HeartbeatReply(5, before, E));
            assertThat(readsByLease(leader)).as("an answer to before the jump").isFalse();
            leader.receive(2, new HeartbeatReply(5, beat(leader), E));
            assertThat(readsByLease(leader)).isTrue();
        }
    }

    @Test
    void aMonotonicClockThatStoodStillEndsTheLease() {
        CoreProbe leader = leader(3);
        leader.receive(2, new HeartbeatReply(5, beat(leader), E));
        leader.jumpWall(E / MILLI); // so long was the host suspended
        assertThat(readsByLease(leader)).isFalse();
    }

    @Test
    void aLeaseKnowsThatItsHostsClocksWentApart() {
        Lease lease = new Lease(1_000 * MILLI, 5_000 * MILLI);
        assertThat(lease.holds(999 * MILLI, 5_999)).isTrue();
        assertThat(lease.holds(1_000 * MILLI, 6_000)).isFalse();
        assertThat(lease.holds(500 * MILLI, 5_520)).isTrue();
        assertThat(lease.holds(500 * MILLI, 5_521)).isFalse();
        assertThat(lease.holds(500 * MILLI, 5_479)).isFalse();
    }

    @Test
    void clocksThatDriftWithinTheBoundAreNoJump() {
        CoreProbe leader = leader(3);
        for (int i = 0; i < 1_000; i++) { // the wall clock gains a thousandth: 100 ms in all
            leader.receive(2, new HeartbeatReply(5, beat(leader), E));
            if (i % 10 == 0) {
                leader.jumpWall(1);
            }
            assertThat(readsByLease(leader)).as("beat " + i).isTrue();
        }
    }

    @Test
    void aFollowersReadUsesTheLeadersLease() {
        CoreProbe leader = leader(3);
        leader.receive(2, new HeartbeatReply(5, beat(leader), E));
        leader.receive(3, new RequestReadIndex(5, 4, true));
        assertThat(leader.sentTo(3, ReadIndexReply.class))
                .containsExactly(new ReadIndexReply(5, 4, true, 1));
        CoreProbe follower = CoreProbe.follower(OPTIONS, 3, new HardState(5, null));
        follower.receive(2, new Heartbeat(5, 0, 1));
        follower.event(new Event.Read(4, true));
        assertThat(follower.sentTo(2, RequestReadIndex.class))
                .containsExactly(new RequestReadIndex(5, 4, true));
    }

    // ---- those who promise ----

    private static CoreProbe promised() {
        CoreProbe voter = CoreProbe.follower(OPTIONS, 3, new HardState(5, null));
        voter.receive(2, new Heartbeat(5, 0, 1));
        voter.syncAll();
        voter.receive(2, new Heartbeat(5, 0, 2));
        assertThat(voter.sentTo(2, HeartbeatReply.class))
                .containsExactly(new HeartbeatReply(5, 1, 0), new HeartbeatReply(5, 2, E));
        return voter;
    }

    @Test
    void nothingIsPromisedBeforeThePromiseIsDurable() {
        CoreProbe voter = CoreProbe.follower(OPTIONS, 3, new HardState(5, null));
        voter.receive(2, new Heartbeat(5, 0, 1));
        voter.receive(2, new Heartbeat(5, 0, 2));
        assertThat(voter.sentTo(2, HeartbeatReply.class))
                .containsExactly(new HeartbeatReply(5, 1, 0), new HeartbeatReply(5, 2, 0));
        assertThat(voter.disk().durableHardState()).isEqualTo(new HardState(5, null));
        voter.syncAll();
        assertThat(voter.disk().durableHardState()).isEqualTo(new HardState(5, null, E));
    }

    @Test
    void withLeasesOffNothingIsPromisedOrWritten() {
        CoreProbe voter = CoreProbe.follower(3, 5);
        voter.receive(2, new Heartbeat(5, 0, 1));
        assertThat(voter.unsynced()).isZero();
        assertThat(voter.sentTo(2, HeartbeatReply.class))
                .containsExactly(new HeartbeatReply(5, 1, 0));
    }

    @Test
    void aPromiseOutlivesTheTermInWhichItWasGiven() {
        CoreProbe voter = promised();
        voter.receive(3, new ForwardProposal(6, 1, Payload.EMPTY)); // brings the term, no leader
        assertThat(voter.core.term()).isEqualTo(6);
        assertThat(voter.core.leader()).isNull();
        voter.receive(3, new RequestPreVote(7, at(5, 9)));
        voter.receive(3, new RequestVote(6, at(5, 9)));
        voter.receive(3, new RequestVote(7, at(5, 9)));
        voter.syncAll();
        assertThat(voter.sentTo(3, PreVoteReply.class)).containsExactly(new PreVoteReply(6, false));
        assertThat(voter.sentTo(3, VoteReply.class)).containsExactly(new VoteReply(6, false));
        assertThat(voter.core.hardState()).isEqualTo(new HardState(6, null, E));
        voter.passTime(E);
        voter.receive(3, new RequestVote(7, at(5, 9)));
        assertThat(voter.core.hardState()).isEqualTo(new HardState(7, id(3), E));
    }

    @Test
    void aCampaignThatTheLeaderAskedForBreaksNoPromise() {
        CoreProbe voter = promised();
        voter.receive(3, new RequestVote(6, at(5, 9), true));
        voter.syncAll();
        assertThat(voter.sentTo(3, VoteReply.class)).containsExactly(new VoteReply(6, true));
        CoreProbe target = promised();
        target.receive(2, new TimeoutNow(5));
        assertThat(target.core.role()).isEqualTo(Role.CANDIDATE);
    }

    @Test
    void aRestartWaitsTheLongestPromiseOutWhateverTheOptionsAreThen() {
        RaftOptions quicker =
                RaftOptions.defaults()
                        .with()
                        .electionTimeout(OPTIONS.electionTimeout().dividedBy(10))
                        .build();
        CoreProbe voter = promised().restart(quicker);
        voter.passTime(E - 2);
        assertThat(voter.core.role()).as("it promised its own vote, too").isEqualTo(Role.FOLLOWER);
        voter.receive(3, new RequestPreVote(6, at(5, 9)));
        voter.receive(3, new RequestVote(6, at(5, 9)));
        assertThat(voter.sent(VoteReply.class)).isEmpty();
        assertThat(voter.sentTo(3, PreVoteReply.class)).containsExactly(new PreVoteReply(5, false));
        voter.passTime(2);
        voter.receive(3, new RequestVote(6, at(5, 9)));
        voter.syncAll();
        assertThat(voter.sentTo(3, VoteReply.class)).containsExactly(new VoteReply(6, true));
    }

    @Test
    void afterItsWaitAServerThatPromisedCampaigns() {
        RaftOptions quicker =
                RaftOptions.defaults()
                        .with()
                        .electionTimeout(OPTIONS.electionTimeout().dividedBy(10))
                        .build();
        CoreProbe voter = promised().restart(quicker);
        voter.passTime(E - 2);
        voter.passTime(BEAT);
        assertThat(voter.core.role()).isEqualTo(Role.PRE_CANDIDATE);
    }

    @Test
    void aLongerPromiseIsWrittenAndAShorterOneForgetsNothing() {
        CoreProbe voter = promised();
        RaftOptions slower =
                OPTIONS.with().electionTimeout(OPTIONS.electionTimeout().multipliedBy(3)).build();
        CoreProbe patient = voter.restart(slower);
        patient.receive(2, new Heartbeat(5, 0, 3));
        patient.syncAll();
        assertThat(patient.disk().durableHardState().longestPromiseNanos()).isEqualTo(3 * E);
        CoreProbe again = patient.restart(OPTIONS);
        again.receive(2, new Heartbeat(5, 0, 4));
        again.syncAll();
        again.receive(2, new Heartbeat(6, 0, 5));
        again.syncAll();
        assertThat(again.disk().durableHardState()).isEqualTo(new HardState(6, null, 3 * E));
    }

    @Test
    void anAnswerToAnEarlierRoundCountsFromWhenThatWasSent() {
        CoreProbe leader = leader(3);
        long round = beat(leader);
        long sent = leader.now();
        beat(leader);
        leader.receive(2, new HeartbeatReply(5, round, E));
        leader.effects();
        leader.event(new Event.Read(8, true));
        assertThat(leader.effects(Effect.ReadReady.class).get(0).lease().untilNanos())
                .isEqualTo(sent + WORTH);
    }

    private static CoreProbe leaderAfter(int beats) {
        CoreProbe leader = leader(3);
        for (int i = 0; i < beats; i++) {
            leader.receive(2, new HeartbeatReply(5, beat(leader), E));
        }
        assertThat(readsByLease(leader)).isTrue();
        return leader;
    }

    /** What two clocks may differ grows with the time since they were compared, by the bound. */
    @Test
    void aJumpIsSeenHoweverLongTheLeaderHasLed() {
        CoreProbe leader = leaderAfter(20);
        leader.jumpWall(60_000);
        assertThat(readsByLease(leader)).isFalse();
        leader = leaderAfter(310);
        leader.jumpWall(100);
        assertThat(readsByLease(leader)).isFalse();
    }

    @Test
    void aDifferenceThatTheBoundAllowsInTenSecondsIsNoJump() {
        CoreProbe leader = leaderAfter(96);
        leader.jumpWall(30); // 20 ms at once, and two thousandths of over 9 seconds
        assertThat(readsByLease(leader)).isTrue();
    }

    @Test
    void clocksThatCreepApartFasterThanTheBoundAreAJump() {
        CoreProbe leader = leader(3);
        boolean seen = false;
        for (int i = 0; i < 10; i++) {
            leader.receive(2, new HeartbeatReply(5, beat(leader), E));
            leader.jumpWall(5);
            seen |= !readsByLease(leader);
        }
        assertThat(seen).isTrue();
    }

    @Test
    void aPromiseThatIsDurableIsNotWrittenAgain() {
        CoreProbe voter = promised();
        voter.receive(2, new Heartbeat(5, 0, 3));
        assertThat(voter.unsynced()).isZero();
    }

    @Test
    void whoPromisedItsVoteSleepsUntilThatIsOver() {
        RaftOptions quicker =
                RaftOptions.defaults()
                        .with()
                        .electionTimeout(OPTIONS.electionTimeout().dividedBy(10))
                        .build();
        CoreProbe voter = promised().restart(quicker);
        long until = voter.now() + E;
        voter.passTime(E / 2); // its election timer has run out
        assertThat(voter.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(voter.core.deadlineNanos()).isBetween(until, until + E / 10);
    }
}
