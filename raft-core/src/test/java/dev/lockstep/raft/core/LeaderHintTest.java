package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.ELECTION_NANOS;
import static dev.lockstep.raft.core.CoreProbe.HEARTBEAT_NANOS;
import static dev.lockstep.raft.core.CoreProbe.OPTIONS;
import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.Resignation;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.Role;
import org.junit.jupiter.api.Test;

/** Broken connections and leaders that resign, one claim each. */
class LeaderHintTest {
    private static CoreProbe following() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.receive(2, new Heartbeat(4, 0, 0));
        probe.sent();
        return probe;
    }

    private static void lose(CoreProbe probe, int server) {
        probe.event(new Event.Disconnected(id(server).node()));
    }

    private static boolean grants(CoreProbe probe) {
        probe.receive(3, new RequestPreVote(5, at(4, 9)));
        boolean granted = probe.sentTo(3, PreVoteReply.class).get(0).granted();
        probe.sent();
        return granted;
    }

    @Test
    void aBrokenConnectionToTheLeaderSparesTheElectionTimeout() {
        CoreProbe probe = following();
        lose(probe, 2);
        probe.passTime(HEARTBEAT_NANOS - 1);
        assertThat(probe.core.role()).as("redialling").isEqualTo(Role.FOLLOWER);
        probe.passTime(HEARTBEAT_NANOS + 1);
        assertThat(probe.core.role()).isEqualTo(Role.PRE_CANDIDATE);
        assertThat(probe.sent(RequestPreVote.class)).hasSize(2);
    }

    @Test
    void anotherGrantsItWhenItHasTheHintTooOrHasHeardNothing() {
        CoreProbe voter = following();
        assertThat(grants(voter)).isFalse();
        lose(voter, 2);
        assertThat(grants(voter)).as("redialling").isFalse();
        voter.passTime(HEARTBEAT_NANOS);
        assertThat(grants(voter)).isTrue();
        CoreProbe other = following();
        other.passTime(ELECTION_NANOS);
        assertThat(grants(other)).isTrue();
    }

    @Test
    void aConnectionThatComesBackElectsNobody() {
        CoreProbe probe = following();
        lose(probe, 2);
        probe.passTime(HEARTBEAT_NANOS / 2);
        probe.event(new Event.Connected(id(2).node()));
        probe.passTime(2 * HEARTBEAT_NANOS);
        assertThat(probe.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(grants(probe)).isFalse();
    }

    @Test
    void anyMessageFromTheLeaderEndsTheHint() {
        CoreProbe probe = following();
        lose(probe, 2);
        probe.passTime(HEARTBEAT_NANOS / 2);
        probe.receive(2, new Heartbeat(4, 0, 0));
        probe.passTime(2 * HEARTBEAT_NANOS);
        assertThat(probe.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(grants(probe)).isFalse();
    }

    @Test
    void aBrokenConnectionToAnotherIsNoHint() {
        CoreProbe probe = following();
        lose(probe, 3);
        probe.passTime(2 * HEARTBEAT_NANOS);
        assertThat(probe.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(grants(probe)).isFalse();
    }

    @Test
    void aHintSpeaksOfOneTermOnly() {
        CoreProbe voter = following();
        lose(voter, 2);
        voter.receive(3, new Heartbeat(5, 0, 0));
        voter.syncAll();
        voter.sent();
        voter.passTime(HEARTBEAT_NANOS);
        voter.receive(2, new RequestPreVote(6, at(5, 9)));
        assertThat(voter.sentTo(2, PreVoteReply.class))
                .containsExactly(new PreVoteReply(5, false, id(3).node(), true));
    }

    @Test
    void whoIsRefusedAsksByAHintOnceInTwoElectionTimeouts() {
        CoreProbe probe = following();
        lose(probe, 2);
        probe.passTime(2 * HEARTBEAT_NANOS);
        probe.receive(2, new PreVoteReply(4, false));
        probe.receive(3, new PreVoteReply(4, false, id(2).node(), true));
        assertThat(probe.core.role()).isEqualTo(Role.FOLLOWER);
        probe.receive(2, new Heartbeat(4, 0, 0));
        lose(probe, 2);
        probe.passTime(3 * HEARTBEAT_NANOS);
        assertThat(probe.core.role()).isEqualTo(Role.FOLLOWER);
    }

    @Test
    void whoHasPromisedItsVoteFollowsNoHint() {
        CoreProbe probe =
                CoreProbe.follower(
                        OPTIONS.with().leaseReads(true).build(), 3, new HardState(4, null));
        probe.receive(2, new Heartbeat(4, 0, 0));
        probe.syncAll();
        probe.receive(2, new Heartbeat(4, 0, 1));
        lose(probe, 2);
        probe.passTime(3 * HEARTBEAT_NANOS);
        assertThat(probe.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(grants(probe)).isFalse();
    }

    // ---- leaders that resign ----

    @Test
    void aLeaderThatNoQuorumHearsResigns() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.syncAll();
        leader.passTime(ELECTION_NANOS);
        assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(leader.core.term()).isEqualTo(5);
        assertThat(leader.sent(Resignation.class)).containsOnly(new Resignation(5)).hasSize(2);
    }

    @Test
    void whoseLeaderResignsRefusesNobodyForItsSakeAndCampaignsSoon() {
        CoreProbe probe = following();
        probe.receive(3, new Resignation(4));
        assertThat(grants(probe)).as("3 never led").isFalse();
        probe.receive(2, new Resignation(3));
        assertThat(grants(probe)).as("of an earlier term").isFalse();
        probe.receive(2, new Resignation(4));
        assertThat(grants(probe)).isTrue();
        probe.passTime(ELECTION_NANOS);
        assertThat(probe.core.role()).isEqualTo(Role.PRE_CANDIDATE);
    }

    @Test
    void aLeaderThatIsCutOffSaysSoAndItsFollowersRefuseNobodyForItsSake() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        leader.syncAll();
        leader.sent();
        leader.passTime(ELECTION_NANOS / 2 - 1);
        leader.receive(2, new HeartbeatReply(5, 0));
        assertThat(leader.sent(Heartbeat.class)).noneMatch(Heartbeat::cutOff).isNotEmpty();
        leader.passTime(HEARTBEAT_NANOS);
        assertThat(leader.sent(Heartbeat.class)).allMatch(Heartbeat::cutOff).isNotEmpty();
        CoreProbe follower = following();
        follower.receive(2, new Heartbeat(4, 0, 0, true));
        assertThat(grants(follower)).isTrue();
        follower.receive(2, new Heartbeat(4, 0, 0, false));
        assertThat(grants(follower)).isFalse();
    }

    @Test
    void aLeaderThatIsClosedResigns() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.event(new Event.Resign());
        assertThat(leader.sent(Resignation.class)).hasSize(2);
        assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
        CoreProbe follower = following();
        follower.event(new Event.Resign());
        assertThat(follower.sent()).isEmpty();
    }

    @Test
    void aTransferToWhomIsNotConnectedIsRefusedAndOneUnderWayIsGivenUp() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.propose(1);
        leader.event(new Event.Transfer(1, id(3).node()));
        leader.event(new Event.Disconnected(id(3).node()));
        assertThat(leader.effects(Effect.TransferAborted.class)).hasSize(1);
        leader.event(new Event.Transfer(2, id(3).node()));
        assertThat(leader.effects(Effect.TransferAborted.class)).hasSize(1);
        leader.event(new Event.Connected(id(3).node()));
        leader.event(new Event.Transfer(3, id(3).node()));
        assertThat(leader.effects(Effect.TransferAborted.class)).isEmpty();
    }

    @Test
    void whoseLeaderResignsWaitsAMomentSoThatNotAllCampaignAtOnce() {
        CoreProbe probe = following();
        probe.receive(2, new Resignation(4));
        assertThat(probe.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(probe.core.deadlineNanos() - probe.now()).isBetween(1L, ELECTION_NANOS);
    }

    @Test
    void theHintIsFollowedWhenItsTimeHasCome() {
        CoreProbe probe = following();
        lose(probe, 2);
        probe.passTime(probe.core.deadlineNanos() - probe.now());
        assertThat(probe.core.role()).isEqualTo(Role.PRE_CANDIDATE);
    }
}
