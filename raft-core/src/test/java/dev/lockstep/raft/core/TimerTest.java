package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.ELECTION_NANOS;
import static dev.lockstep.raft.core.CoreProbe.HEARTBEAT_NANOS;
import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.id;
import static dev.lockstep.raft.core.CoreProbe.logFrom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.Role;
import org.junit.jupiter.api.Test;

/** When what is due, and what puts it off. */
class TimerTest {
    private static void assertAnElectionIsAFullTimeoutAway(CoreProbe probe) {
        assertThat(probe.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(probe.core.deadlineNanos() - probe.now())
                .isBetween(ELECTION_NANOS, 2 * ELECTION_NANOS - 1);
    }

    @Test
    void aHeartbeatPutsTheElectionOff() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        assertAnElectionIsAFullTimeoutAway(probe);
        probe.passTime(ELECTION_NANOS - 1);
        probe.receive(2, new Heartbeat(4, 0, 1));
        assertAnElectionIsAFullTimeoutAway(probe);
    }

    @Test
    void anAppendPutsTheElectionOffEvenWhenItIsRefused() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.passTime(ELECTION_NANOS - 1);
        probe.append(2, 4, at(4, 7), logFrom(8, 4), 0);
        assertAnElectionIsAFullTimeoutAway(probe);
    }

    @Test
    void aGrantedVotePutsTheElectionOff() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.passTime(ELECTION_NANOS - 1);
        probe.receive(2, new RequestVote(4, at(0, 0), false));
        assertAnElectionIsAFullTimeoutAway(probe);
    }

    @Test
    void aRefusedVoteDoesNotPutTheElectionOff() {
        CoreProbe probe =
                CoreProbe.follower(CoreProbe.OPTIONS, 3, new HardState(4, id(3)), new long[0]);
        long deadline = probe.core.deadlineNanos();
        probe.passTime(ELECTION_NANOS - 1);
        probe.receive(2, new RequestVote(4, at(0, 0), false));
        assertThat(probe.core.deadlineNanos()).isEqualTo(deadline);
    }

    @Test
    void theOnlyVoterWaitsForNobodyButNotForThePast() {
        CoreProbe probe = CoreProbe.follower(1, 4);
        assertThat(probe.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(probe.core.deadlineNanos() - probe.now()).isBetween(0L, HEARTBEAT_NANOS - 1);
    }

    @Test
    void aLeaderWakesForEachHeartbeat() {
        CoreProbe leader = CoreProbe.leader(3, 5);
        for (int i = 0; i < 3; i++) {
            assertThat(leader.core.deadlineNanos()).isEqualTo(leader.now() + HEARTBEAT_NANOS);
            leader.passTime(HEARTBEAT_NANOS);
            leader.receive(2, new HeartbeatReply(5, 0));
            assertThat(leader.sent(Heartbeat.class)).hasSize(2);
        }
    }

    /** Exactly one timeout after the last word of its leader a server is free again. */
    @Test
    void aServerSticksToItsLeaderForOneTimeoutAndNoLonger() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.receive(2, new Heartbeat(4, 0, 1));
        probe.passTime(ELECTION_NANOS - 1);
        probe.receive(3, new RequestVote(5, at(0, 0), false));
        assertThat(probe.core.term()).isEqualTo(4);
        probe.passTime(1);
        probe.receive(3, new RequestVote(5, at(0, 0), false));
        probe.syncAll();
        assertThat(probe.sent(VoteReply.class)).containsExactly(new VoteReply(5, true));
    }

    /** A server without any term has none to name in a refusal. */
    @Test
    void aPreVoteOfNoLaterTermIsAnsweredOnlyByWhoHasATerm() {
        CoreProbe fresh = CoreProbe.follower(3, 0);
        fresh.receive(2, new RequestPreVote(1, at(0, 0)));
        assertThat(fresh.sent()).hasSize(1);
        CoreProbe voted = CoreProbe.follower(3, 1, 1);
        voted.receive(2, new RequestPreVote(2, at(0, 0)));
        assertThat(voted.sent()).hasSize(1);
        CoreProbe hearsNobody = CoreProbe.follower(3, 0);
        hearsNobody.receive(2, new Heartbeat(1, 0, 1));
        hearsNobody.syncAll();
        hearsNobody.sent();
        hearsNobody.receive(3, new RequestPreVote(2, at(0, 0)));
        assertThat(hearsNobody.sent()).as("a refusal").hasSize(1);
    }

    @Test
    void aPreVoteForTheTermThatIsAlreadyThereIsRefused() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.receive(2, new RequestPreVote(4, at(3, 9)));
        assertThat(probe.sentTo(2, PreVoteReply.class)).containsExactly(new PreVoteReply(4, false));
    }
}
