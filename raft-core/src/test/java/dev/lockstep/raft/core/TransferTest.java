package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.HEARTBEAT_NANOS;
import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.TimeoutNow;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.Role;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Leadership handed over, one claim each. */
class TransferTest {
    @Test
    void theTargetIsAskedOnceItHoldsEverythingAndOnlyOnce() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.propose(1);
        leader.event(new Event.Transfer(9, id(3).node()));
        assertThat(leader.sent(TimeoutNow.class)).isEmpty();
        leader.receive(2, new AppendAccepted(5, 2));
        assertThat(leader.sent(TimeoutNow.class)).as("another holds it").isEmpty();
        leader.receive(3, new AppendAccepted(5, 2));
        leader.receive(3, new AppendAccepted(5, 2));
        assertThat(leader.sentTo(3, TimeoutNow.class)).hasSize(1);
    }

    @Test
    void withoutATargetTheFreshestFollowerIsAsked() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.propose(1);
        leader.receive(3, new AppendAccepted(5, 2));
        leader.event(new Event.Transfer(9, null));
        assertThat(leader.sentTo(3, TimeoutNow.class)).hasSize(1);
    }

    @Test
    void meanwhileProposalsAreNotAppended() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.event(new Event.Transfer(9, null));
        leader.propose(1);
        assertThat(leader.effects(Effect.Refused.class))
                .containsExactly(
                        new Effect.Refused(Ticket.local(1), Effect.Refused.Reason.NO_LEADER));
        assertThat(leader.core.last()).isEqualTo(at(5, 1));
    }

    @Test
    void aTargetThatDoesNotTakeOverLeavesEverythingAsItWas() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.event(new Event.Transfer(9, id(3).node()));
        for (int i = 0; i < 10; i++) {
            leader.syncAll();
            leader.passTime(HEARTBEAT_NANOS);
            leader.receive(2, new HeartbeatReply(5, 0));
        }
        List<Effect.TransferAborted> aborted = leader.effects(Effect.TransferAborted.class);
        assertThat(aborted).hasSize(1);
        assertThat(aborted.get(0).id()).isEqualTo(9);
        assertThat(aborted.get(0).reason()).contains("n3/").contains("goes on leading");
        leader.propose(1);
        assertThat(leader.effects(Effect.Admitted.class)).hasSize(1);
    }

    @Test
    void aLeaderThatLosesItsQuorumOnTheWaySaysThatNobodyTakesOver() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.passTime(HEARTBEAT_NANOS);
        leader.event(new Event.Transfer(9, id(3).node()));
        while (leader.core.role() == Role.LEADER) {
            leader.passTime(HEARTBEAT_NANOS);
        }
        List<Effect.TransferAborted> aborted = leader.effects(Effect.TransferAborted.class);
        assertThat(aborted).hasSize(1);
        assertThat(aborted.get(0).id()).isEqualTo(9);
    }

    @Test
    void onlyALeaderHandsOverAndOnlyToWhomItHearsAndOnceAtATime() {
        CoreProbe follower = CoreProbe.follower(3, 4);
        follower.event(new Event.Transfer(1, null));
        assertThat(follower.effects(Effect.TransferAborted.class)).hasSize(1);
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        for (int i = 0; i < 10; i++) {
            leader.syncAll();
            leader.passTime(HEARTBEAT_NANOS);
            leader.receive(2, new HeartbeatReply(5, 0));
            leader.receive(3, new HeartbeatReply(5, 0));
        }
        leader.event(new Event.Transfer(2, id(4).node()));
        assertThat(leader.effects(Effect.TransferAborted.class)).as("silent target").hasSize(1);
        leader.event(new Event.Transfer(3, id(2).node()));
        leader.event(new Event.Transfer(4, id(3).node()));
        assertThat(leader.effects(Effect.TransferAborted.class))
                .extracting(Effect.TransferAborted::id)
                .containsExactly(4L);
    }

    @Test
    void whoIsAskedCampaignsAtOnceByItsDiskAndWins() {
        CoreProbe target = CoreProbe.follower(3, 4);
        target.receive(2, new Heartbeat(4, 0, 0));
        target.receive(2, new TimeoutNow(4));
        assertThat(target.core.role()).isEqualTo(Role.CANDIDATE);
        assertThat(target.sent(RequestVote.class)).isEmpty();
        target.syncAll();
        assertThat(target.sent(RequestVote.class))
                .containsOnly(new RequestVote(5, at(0, 0), true))
                .hasSize(2);
        target.receive(2, new VoteReply(5, true));
        assertThat(target.core.role()).isEqualTo(Role.LEADER);
    }

    @Test
    void anOldLeadersRequestIsNoRequest() {
        CoreProbe target = CoreProbe.follower(3, 4);
        target.receive(2, new TimeoutNow(3));
        assertThat(target.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(target.core.term()).isEqualTo(4);
    }

    @Test
    void whoHearsItsLeaderVotesInATransferByTheUsualRule() {
        CoreProbe voter = CoreProbe.follower(3, 4, 4, 4);
        voter.receive(2, new Heartbeat(4, 0, 0));
        voter.receive(3, new RequestVote(5, at(4, 1), true));
        voter.receive(3, new RequestVote(6, at(4, 2), true));
        voter.syncAll();
        assertThat(voter.sentTo(3, VoteReply.class))
                .containsExactly(new VoteReply(5, false), new VoteReply(6, true));
        assertThat(voter.core.hardState()).isEqualTo(new HardState(6, id(3)));
    }

    @Test
    void aConnectionToAnotherThatBreaksIsNoReasonToGiveUp() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.event(new Event.Transfer(9, id(3).node()));
        leader.event(new Event.Disconnected(id(2).node()));
        assertThat(leader.effects(Effect.TransferAborted.class)).isEmpty();
        leader.event(new Event.Disconnected(id(3).node()));
        assertThat(leader.effects(Effect.TransferAborted.class)).hasSize(1);
    }
}
