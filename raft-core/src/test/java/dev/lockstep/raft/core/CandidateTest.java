package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.ELECTION_NANOS;
import static dev.lockstep.raft.core.CoreProbe.HEARTBEAT_NANOS;
import static dev.lockstep.raft.core.CoreProbe.OPTIONS;
import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.id;
import static dev.lockstep.raft.core.CoreProbe.logFrom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.InstallSnapshot;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.RequestReadIndex;
import dev.lockstep.raft.message.TimeoutNow;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.Role;
import org.junit.jupiter.api.Test;

/** What ends a campaign, and when the next begins. */
class CandidateTest {
    @Test
    void aGroupsFirstCandidateAsksAgainSoonTenTimesAndThenWaitsAsAnyOther() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.core.become(Candidate.first(probe.core));
        int soon = 0;
        long wait = probe.core.behaviour().deadlineNanos() - probe.now();
        while (wait < ELECTION_NANOS && soon < 100) {
            assertThat(wait).isBetween(HEARTBEAT_NANOS, 2 * HEARTBEAT_NANOS);
            probe.passTime(wait);
            assertThat(probe.core.role()).isEqualTo(Role.PRE_CANDIDATE);
            wait = probe.core.behaviour().deadlineNanos() - probe.now();
            soon++;
        }
        assertThat(soon).isEqualTo(10);
        assertThat(probe.sentTo(2, RequestPreVote.class)).hasSize(11);
    }

    @Test
    void aPreVoteIsAskedForWithoutWaitingForTheDisk() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.append(2, 4, at(0, 0), logFrom(1, 4), 0);
        probe.passTime(2 * ELECTION_NANOS);
        assertThat(probe.unsynced()).isPositive();
        assertThat(probe.sent(RequestPreVote.class)).hasSize(2);
    }

    @Test
    void aCandidateThatIsOfferedASnapshotFollowsTheLeaderThatOffersIt() {
        CoreProbe probe = CoreProbe.follower(3, 4).campaign();
        probe.syncAll();
        probe.receive(2, new InstallSnapshot(5, at(4, 9), 9, id(2)));
        assertThat(probe.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(probe.core.leader()).isEqualTo(id(2));
    }

    @Test
    void aCandidateThatIsTakenForALeaderStaysACandidate() {
        CoreProbe probe = CoreProbe.follower(3, 4).campaign();
        probe.syncAll();
        probe.receive(2, new RequestReadIndex(5, 7));
        probe.receive(3, new ForwardProposal(5, 8, Payload.of(1)));
        assertThat(probe.core.role()).isEqualTo(Role.CANDIDATE);
        assertThat(probe.core.leader()).isNull();
    }

    @Test
    void aCandidateThatCannotReadItsLogCampaignsNoMore() {
        CoreProbe probe = CoreProbe.follower(3, 4, 4, 4).campaign();
        probe.syncAll();
        probe.event(new Event.Damaged(at(4, 1), new Fault(Fault.Code.LOG_CORRUPT, "a file")));
        assertThat(probe.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(probe.core.term()).isEqualTo(5);
    }

    /** Only where a promise is longer than an election timeout: one of it was longer then. */
    @Test
    void aPreVoteThatIsWonWhileAPromiseHoldsBeginsNoTerm() {
        HardState promised = new HardState(4, null).withPromise(20 * ELECTION_NANOS);
        CoreProbe probe = CoreProbe.follower(OPTIONS, 3, promised);
        probe.receive(2, new Heartbeat(4, 0, 0));
        probe.receive(2, new TimeoutNow(4));
        probe.syncAll();
        assertThat(probe.core.role()).isEqualTo(Role.CANDIDATE);
        probe.passTime(2 * ELECTION_NANOS);
        assertThat(probe.core.role()).isEqualTo(Role.PRE_CANDIDATE);
        probe.receive(3, new PreVoteReply(6, true));
        assertThat(probe.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(probe.core.term()).isEqualTo(5);
    }
}
