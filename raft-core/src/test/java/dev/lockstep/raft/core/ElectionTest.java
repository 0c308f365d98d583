package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.ELECTION_NANOS;
import static dev.lockstep.raft.core.CoreProbe.HEARTBEAT_NANOS;
import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.id;
import static dev.lockstep.raft.core.CoreProbe.logFrom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.AppendRejected;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Votes and terms, one claim each. */
class ElectionTest {
    private static Fault diskFailed() {
        return new Fault(Fault.Code.STORAGE_FAILED, "Input/output error");
    }

    @Test
    void aVoteLeavesOnlyOnceItIsDurable() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.receive(2, new RequestVote(5, at(0, 0)));
        assertThat(probe.sent()).isEmpty();
        probe.sync();
        assertThat(probe.sentTo(2, VoteReply.class)).containsExactly(new VoteReply(5, true));
    }

    @Test
    void aVoteWhoseWriteFailsIsNeverGiven() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.receive(2, new RequestVote(5, at(0, 0)));
        probe.event(new Event.Failed(diskFailed()));
        probe.receive(2, new RequestVote(5, at(0, 0)));
        probe.passTime(10 * ELECTION_NANOS);
        assertThat(probe.sent()).isEmpty();
        assertThat(probe.core.role()).isEqualTo(Role.HALTED);
        assertThat(probe.core.deadlineNanos()).isEqualTo(RaftCore.NO_DEADLINE);
    }

    @Test
    void termAndVoteAreWrittenTogether() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.receive(2, new RequestVote(5, at(0, 0)));
        List<Effect.Persist> writes = probe.effects(Effect.Persist.class);
        assertThat(writes).hasSize(1);
        assertThat(writes.get(0).hardState()).isEqualTo(new HardState(5, id(2)));
    }

    @Test
    void theSameCandidateIsGrantedAgain() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.receive(2, new RequestVote(5, at(0, 0)));
        probe.syncAll();
        probe.sent();
        probe.receive(2, new RequestVote(5, at(0, 0)));
        assertThat(probe.sentTo(2, VoteReply.class)).containsExactly(new VoteReply(5, true));
        assertThat(probe.unsynced()).as("nothing new to write").isZero();
    }

    @Test
    void neverVotesTwiceInOneTerm() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.receive(2, new RequestVote(5, at(0, 0)));
        probe.receive(3, new RequestVote(5, at(9, 9)));
        probe.syncAll();
        assertThat(probe.sentTo(3, VoteReply.class)).containsExactly(new VoteReply(5, false));
        CoreProbe again = probe.restart();
        again.receive(3, new RequestVote(5, at(9, 9)));
        assertThat(again.sentTo(3, VoteReply.class)).containsExactly(new VoteReply(5, false));
        assertThat(again.core.hardState()).isEqualTo(new HardState(5, id(2)));
    }

    @Test
    void aRefusalWaitsForTheTermThatItNames() {
        CoreProbe probe = CoreProbe.follower(3, 4, 4, 4);
        probe.receive(2, new RequestVote(5, at(3, 9)));
        assertThat(probe.sent()).isEmpty();
        probe.sync();
        assertThat(probe.sentTo(2, VoteReply.class)).containsExactly(new VoteReply(5, false));
    }

    @Test
    void aNewTermClearsTheVote() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.receive(2, new RequestVote(5, at(0, 0)));
        probe.receive(3, new RequestVote(6, at(0, 0)));
        probe.syncAll();
        assertThat(probe.sentTo(3, VoteReply.class)).containsExactly(new VoteReply(6, true));
    }

    @Test
    void hearingFromTheLeaderKeepsTheVote() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.receive(2, new RequestVote(5, at(0, 0)));
        probe.receive(2, new Heartbeat(5, 0, 1));
        probe.append(2, 5, at(0, 0), logFrom(1, 5), 0);
        assertThat(probe.core.hardState()).isEqualTo(new HardState(5, id(2)));
    }

    @Test
    void theLastTermIsComparedBeforeTheLastIndex() {
        CoreProbe longer = CoreProbe.follower(3, 4, 2, 2, 2, 2);
        longer.receive(2, new RequestVote(5, at(3, 1)));
        longer.syncAll();
        assertThat(longer.sent(VoteReply.class)).containsExactly(new VoteReply(5, true));
        CoreProbe newer = CoreProbe.follower(3, 4, 3);
        newer.receive(2, new RequestVote(5, at(2, 4)));
        newer.syncAll();
        assertThat(newer.sent(VoteReply.class)).containsExactly(new VoteReply(5, false));
        CoreProbe equal = CoreProbe.follower(3, 4, 3, 3);
        equal.receive(2, new RequestVote(5, at(3, 2)));
        equal.receive(3, new RequestVote(6, at(3, 1)));
        equal.syncAll();
        assertThat(equal.sent(VoteReply.class))
                .containsExactly(new VoteReply(5, true), new VoteReply(6, false));
    }

    @Test
    void anOlderTermsRequestIsToldTheTerm() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.receive(2, new RequestVote(3, at(3, 9)));
        assertThat(probe.sent(VoteReply.class)).containsExactly(new VoteReply(4, false));
    }

    @Test
    void whoHearsItsLeaderIgnoresACampaign() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.receive(2, new Heartbeat(4, 0, 1));
        probe.sent();
        probe.receive(3, new RequestVote(9, at(8, 8)));
        assertThat(probe.sent()).isEmpty();
        assertThat(probe.core.term()).isEqualTo(4);
        probe.receive(3, new RequestPreVote(9, at(8, 8)));
        PreVoteReply refusal = new PreVoteReply(4, false, id(2).node(), true);
        assertThat(probe.sent(PreVoteReply.class)).containsExactly(refusal);
        probe.passTime(ELECTION_NANOS - 1);
        probe.receive(3, new RequestPreVote(9, at(8, 8)));
        assertThat(probe.sent(PreVoteReply.class)).containsExactly(refusal);
    }

    @Test
    void aPreVoteChangesNothing() {
        CoreProbe probe = CoreProbe.follower(3, 4, 4);
        probe.receive(2, new RequestPreVote(9, at(4, 1)));
        assertThat(probe.sent(PreVoteReply.class)).containsExactly(new PreVoteReply(9, true));
        probe.receive(2, new RequestPreVote(4, at(4, 1)));
        probe.receive(3, new RequestPreVote(5, at(3, 7)));
        assertThat(probe.sent(PreVoteReply.class))
                .containsExactly(new PreVoteReply(4, false), new PreVoteReply(4, false));
        assertThat(probe.core.hardState()).isEqualTo(new HardState(4, null));
        assertThat(probe.unsynced()).isZero();
    }

    @Test
    void asksBeforeItCampaignsAndRaisesNoTermByAsking() {
        CoreProbe probe = CoreProbe.follower(3, 4, 4);
        probe.passTime(2 * ELECTION_NANOS);
        assertThat(probe.core.role()).isEqualTo(Role.PRE_CANDIDATE);
        assertThat(probe.core.term()).isEqualTo(4);
        assertThat(probe.sent(RequestPreVote.class))
                .containsExactly(new RequestPreVote(5, at(4, 1)), new RequestPreVote(5, at(4, 1)));
        for (int i = 0; i < 20; i++) {
            probe.passTime(2 * ELECTION_NANOS);
        }
        assertThat(probe.core.term()).as("term of one that is alone").isEqualTo(4);
    }

    @Test
    void aPreVoteIsNeverCountedAsAVote() {
        CoreProbe probe = CoreProbe.follower(5, 4).campaign();
        probe.syncAll();
        assertThat(probe.core.role()).isEqualTo(Role.CANDIDATE);
        for (int i = 2; i <= 5; i++) {
            probe.receive(i, new PreVoteReply(5, true));
            probe.receive(i, new PreVoteReply(6, true));
        }
        assertThat(probe.core.role()).isEqualTo(Role.CANDIDATE);
    }

    @Test
    void preVotesOfAnotherTermCountNothing() {
        CoreProbe probe = CoreProbe.follower(5, 4);
        probe.passTime(2 * ELECTION_NANOS);
        for (int i = 2; i <= 5; i++) {
            probe.receive(i, new PreVoteReply(4, true));
            probe.receive(i, new PreVoteReply(6, true));
        }
        assertThat(probe.core.role()).isEqualTo(Role.PRE_CANDIDATE);
    }

    @Test
    void requestVoteLeavesOnlyOnceTermVoteAndLogAreDurable() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.append(2, 4, at(0, 0), logFrom(1, 4), 0);
        probe.campaign();
        assertThat(probe.core.role()).isEqualTo(Role.CANDIDATE);
        assertThat(probe.sent(RequestVote.class)).isEmpty();
        probe.sync();
        assertThat(probe.sent(RequestVote.class)).as("the log alone is durable").isEmpty();
        probe.sync();
        assertThat(probe.sent(RequestVote.class)).hasSize(2);
        assertThat(probe.disk().durableHardState()).isEqualTo(new HardState(5, id(1)));
    }

    @Test
    void itsOwnVoteCountsOnlyOnceItIsDurable() {
        CoreProbe probe = CoreProbe.follower(3, 4).campaign();
        probe.receive(2, new VoteReply(5, true));
        assertThat(probe.core.role()).isEqualTo(Role.CANDIDATE);
        probe.sync();
        assertThat(probe.core.role()).isEqualTo(Role.LEADER);
    }

    @Test
    void oneVoterCountsOnceInItsIncarnation() {
        CoreProbe probe = CoreProbe.follower(5, 4).campaign();
        probe.syncAll();
        probe.receive(2, new VoteReply(5, true));
        probe.receive(2, new VoteReply(5, true));
        probe.event(
                new Event.Received(
                        new ReplicaId(id(3).node(), new UUID(6, 6)), new VoteReply(5, true)));
        probe.event(
                new Event.Received(
                        new ReplicaId(id(2).node(), new UUID(6, 6)), new VoteReply(5, true)));
        assertThat(probe.core.role()).isEqualTo(Role.CANDIDATE);
        probe.receive(3, new VoteReply(5, true));
        assertThat(probe.core.role()).isEqualTo(Role.LEADER);
    }

    @Test
    void votesOfAnOlderTermCountNothing() {
        CoreProbe probe = CoreProbe.follower(5, 4).campaign();
        probe.syncAll();
        probe.campaign();
        probe.syncAll();
        assertThat(probe.core.term()).isEqualTo(6);
        for (int i = 2; i <= 5; i++) {
            probe.receive(i, new VoteReply(5, true));
        }
        assertThat(probe.core.role()).isEqualTo(Role.CANDIDATE);
    }

    @Test
    void aHigherTermInAReplyMakesAFollower() {
        CoreProbe candidate = CoreProbe.follower(3, 4).campaign();
        candidate.syncAll();
        candidate.receive(2, new VoteReply(9, false));
        assertThat(candidate.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(candidate.core.hardState()).isEqualTo(new HardState(9, null));
        CoreProbe leader = CoreProbe.leader(3, 5);
        leader.receive(2, new HeartbeatReply(9, 1));
        assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(leader.core.term()).isEqualTo(9);
    }

    @Test
    void aRefusedPreVoteOfALaterTermTeachesItAndElectsStill() {
        // A lower-term server with the better log; the leader is dead.
        CoreProbe probe = CoreProbe.follower(3, 4, 4, 4);
        probe.passTime(2 * ELECTION_NANOS);
        probe.receive(2, new PreVoteReply(7, false));
        assertThat(probe.core.term()).isEqualTo(7);
        probe.passTime(2 * ELECTION_NANOS);
        probe.sent(RequestPreVote.class);
        probe.syncAll();
        probe.receive(2, new PreVoteReply(8, true));
        probe.syncAll();
        probe.receive(2, new VoteReply(8, true));
        assertThat(probe.core.role()).isEqualTo(Role.LEADER);
    }

    @Test
    void anIsolatedCandidateOfALaterTermCostsOneElection() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.receive(3, new RequestVote(7, at(4, 1)));
        assertThat(leader.core.role()).as("it isn't disturbed").isEqualTo(Role.LEADER);
        // The candidate answers the leader's heartbeat with its own term.
        leader.receive(3, new HeartbeatReply(7, 1));
        assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
        leader.campaign();
        leader.syncAll();
        leader.receive(2, new VoteReply(8, true));
        assertThat(leader.core.role()).isEqualTo(Role.LEADER);
        leader.sent();
        leader.passTime(HEARTBEAT_NANOS);
        assertThat(leader.sentTo(3, Heartbeat.class).get(0).term()).isEqualTo(8);
    }

    @Test
    void aCandidateTellsAnOlderLeaderOfItsTermOnceThatIsDurable() {
        CoreProbe candidate = CoreProbe.follower(3, 6).campaign();
        candidate.receive(2, new Heartbeat(5, 0, 3));
        candidate.append(2, 5, at(0, 0), List.of(), 0);
        assertThat(candidate.sent(HeartbeatReply.class)).isEmpty();
        candidate.syncAll();
        assertThat(candidate.sentTo(2, HeartbeatReply.class))
                .containsExactly(new HeartbeatReply(7, 3));
        assertThat(candidate.sentTo(2, AppendRejected.class)).hasSize(1);
        assertThat(candidate.core.role()).isEqualTo(Role.CANDIDATE);
    }

    @Test
    void aCandidateFollowsTheLeaderOfItsTerm() {
        CoreProbe candidate = CoreProbe.follower(3, 4).campaign();
        candidate.syncAll();
        candidate.append(2, 5, at(0, 0), logFrom(1, 5), 0);
        assertThat(candidate.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(candidate.core.leader()).isEqualTo(id(2));
        assertThat(candidate.core.hardState().vote()).isEqualTo(id(1));
        candidate.syncAll();
        assertThat(candidate.sentTo(2, AppendAccepted.class)).hasSize(1);
    }

    @Test
    void aLostElectionIsTriedAgainWithAPreVote() {
        CoreProbe probe = CoreProbe.follower(3, 4).campaign();
        probe.syncAll();
        probe.receive(2, new VoteReply(5, false));
        probe.receive(3, new VoteReply(5, false));
        assertThat(probe.core.role()).isEqualTo(Role.FOLLOWER);
        probe.passTime(2 * ELECTION_NANOS);
        assertThat(probe.core.role()).isEqualTo(Role.PRE_CANDIDATE);
        assertThat(probe.core.term()).isEqualTo(5);
    }

    @Test
    void aLeaderThatAQuorumDoesNotAnswerStepsDownWithinAnElectionTimeout() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        long since = leader.now();
        while (leader.core.role() == Role.LEADER) {
            leader.passTime(HEARTBEAT_NANOS);
            leader.receive(2, new HeartbeatReply(5, 0)); // one of five answers still
            assertThat(leader.now() - since).isLessThanOrEqualTo(ELECTION_NANOS);
        }
        assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(leader.core.term()).isEqualTo(5);
        assertThat(leader.core.leader()).isNull();
    }

    @Test
    void aLeaderThatAQuorumAnswersStays() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        for (int i = 0; i < 50; i++) {
            leader.passTime(HEARTBEAT_NANOS);
            leader.receive(2, new HeartbeatReply(5, 0));
            leader.receive(4, new HeartbeatReply(5, 0));
        }
        assertThat(leader.core.role()).isEqualTo(Role.LEADER);
    }

    @Test
    void answersOfAnotherIncarnationKeepNobodyInOffice() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        ReplicaId stranger = new ReplicaId(id(2).node(), new UUID(6, 6));
        for (int i = 0; i < 12; i++) {
            leader.passTime(HEARTBEAT_NANOS);
            leader.event(new Event.Received(stranger, new HeartbeatReply(5, 0)));
        }
        assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
    }

    @Test
    void twoLeadersOfOneTermAreABugThatStops() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.receive(2, new AppendEntries(5, at(0, 0), List.of(), 0));
        assertThat(leader.core.fault().code()).isEqualTo(Fault.Code.BUG);
        assertThat(leader.core.fault().message()).contains("both lead in term 5");
    }

    @Test
    void aRecoveredTermIsToldAtOnce() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.receive(2, new Heartbeat(3, 0, 8));
        assertThat(probe.sent(HeartbeatReply.class)).containsExactly(new HeartbeatReply(4, 8));
    }

    @Test
    void aSingleVoterLeadsWithinAHeartbeatEvenAfterARestart() {
        CoreProbe probe = CoreProbe.follower(1, 4, 4);
        probe.passTime(HEARTBEAT_NANOS);
        probe.syncAll();
        assertThat(probe.core.role()).isEqualTo(Role.LEADER);
        assertThat(probe.core.commitIndex()).isEqualTo(2);
        probe.propose(1);
        assertThat(probe.core.commitIndex()).as("before its disk").isEqualTo(2);
        probe.sync();
        assertThat(probe.core.commitIndex()).isEqualTo(3);
    }

    @Test
    void timeThatGoesBackIsIgnored() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.passTime(ELECTION_NANOS / 2);
        long deadline = probe.core.deadlineNanos();
        probe.core.step(1, 1, Event.Wake.INSTANCE);
        assertThat(probe.core.deadlineNanos()).isEqualTo(deadline);
    }
}
