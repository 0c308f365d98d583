package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.entry;
import static dev.lockstep.raft.core.CoreProbe.id;
import static dev.lockstep.raft.core.CoreProbe.logFrom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.TimeoutNow;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.LogRoom;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.WrittenLog;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A core whose disk has no room, or refuses what it was given. */
class FullDiskTest {
    private static final Event FULL = new Event.RoomChanged(LogRoom.DISK_FULL);
    private static final Event ROOM = new Event.RoomChanged(LogRoom.ENOUGH);

    /** The disk has taken so many entries of term 4, and refuses what came then. */
    private static Event refusedBehind(long index) {
        List<LogPosition> terms = index == 0 ? List.of() : List.of(at(4, 1));
        return new Event.Unwritten(
                new WrittenLog(new HardState(4, null), LogPosition.ZERO, terms, index));
    }

    @Test
    void aFullLeaderRefusesProposalsBeforeTheyAreAppended() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.event(FULL);
        long last = leader.core.last().index();
        leader.event(new Event.Propose(Ticket.local(1), Payload.EMPTY));
        assertThat(leader.effects(Effect.Refused.class))
                .containsExactly(
                        new Effect.Refused(Ticket.local(1), Effect.Refused.Reason.DISK_FULL));
        assertThat(leader.core.last().index()).isEqualTo(last);
        leader.event(ROOM);
        leader.event(new Event.Propose(Ticket.local(2), Payload.EMPTY));
        assertThat(leader.effects(Effect.Admitted.class)).hasSize(1);
    }

    @Test
    void aFullLeaderHandsOverToAVoterWithRoom() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.syncAll();
        HeartbeatReply full =
                new HeartbeatReply(5, 0, 0, CoreProbe.OPTIONS.electionTimeout().toMillis(), 100);
        leader.receive(2, new AppendAccepted(5, leader.core.last().index()));
        leader.receive(3, new AppendAccepted(5, leader.core.last().index()));
        leader.receive(2, full);
        leader.receive(3, new HeartbeatReply(5, 0));
        leader.event(FULL);
        leader.passTime(CoreProbe.HEARTBEAT_NANOS);
        assertThat(leader.sentTo(3, TimeoutNow.class)).hasSize(1);
        assertThat(leader.sentTo(2, TimeoutNow.class)).isEmpty();
    }

    @Test
    void aFullFollowerTakesNothingNewAndSaysSoInItsHealth() {
        CoreProbe follower = CoreProbe.follower(3, 4, 4);
        follower.event(FULL);
        follower.append(2, 4, at(4, 1), logFrom(2, 4, 4), 3);
        follower.syncAll();
        assertThat(follower.core.last()).isEqualTo(at(4, 1));
        assertThat(follower.core.commitIndex()).isEqualTo(1);
        AppendAccepted accepted = follower.sentTo(2, AppendAccepted.class).get(0);
        assertThat(accepted.match()).isEqualTo(1);
        long timeout = CoreProbe.OPTIONS.electionTimeout().toMillis();
        assertThat(accepted.stalledMillis()).isEqualTo(timeout);
        follower.receive(2, new Heartbeat(4, 1, 3));
        assertThat(follower.sentTo(2, HeartbeatReply.class).get(0).stalledMillis())
                .isEqualTo(timeout);
        follower.event(ROOM);
        follower.append(2, 4, at(4, 1), logFrom(2, 4, 4), 3);
        follower.syncAll();
        assertThat(follower.sentTo(2, AppendAccepted.class).get(0).match()).isEqualTo(3);
    }

    @Test
    void whatTheDiskRefusedIsNeitherAcknowledgedNorLost() {
        CoreProbe follower = CoreProbe.follower(3, 4, 4);
        follower.append(2, 4, at(4, 1), logFrom(2, 4, 4), 2);
        follower.effects();
        follower.event(refusedBehind(2)); // of two entries it has taken one
        Effect.Persist again = follower.effects(Effect.Persist.class).get(0);
        assertThat(again.entries()).isEmpty();
        assertThat(again.hardState()).isNotNull();
        assertThat(again.token().last()).isEqualTo(at(4, 2));
        follower.event(ROOM);
        assertThat(follower.effects(Effect.Persist.class).get(0).entries())
                .containsExactly(entry(4, 3));
    }

    @Test
    void acknowledgesWhatWasTakenOfARefusedWriteAndNoMore() {
        CoreProbe follower = CoreProbe.follower(3, 4, 4);
        follower.refuseUnsynced();
        follower.append(2, 4, at(4, 1), logFrom(2, 4, 4), 1);
        follower.refuseUnsynced();
        follower.event(refusedBehind(1));
        follower.append(2, 4, at(4, 1), logFrom(2, 4, 4), 1);
        follower.syncAll();
        assertThat(follower.sentTo(2, AppendAccepted.class))
                .isNotEmpty()
                .allMatch(accepted -> accepted.match() == 1);
        follower.event(ROOM);
        follower.syncAll();
        assertThat(follower.sentTo(2, AppendAccepted.class))
                .isNotEmpty()
                .allMatch(accepted -> accepted.match() == 3);
    }

    @Test
    void votesAsItWouldAfterARestart() {
        CoreProbe voter = CoreProbe.follower(3, 4, 4);
        voter.append(2, 4, at(4, 1), logFrom(2, 4, 4), 1);
        voter.refuseUnsynced();
        voter.event(refusedBehind(1));
        voter.syncAll();
        voter.passTime(2 * CoreProbe.OPTIONS.electionTimeout().toNanos());
        voter.receive(3, new RequestVote(9, at(4, 1), false));
        assertThat(voter.sentTo(3, VoteReply.class)).as("not before it is durable").isEmpty();
        voter.syncAll();
        assertThat(voter.sentTo(3, VoteReply.class)).containsExactly(new VoteReply(9, true));
        assertThat(voter.core.hardState()).isEqualTo(new HardState(9, id(3)));
    }

    @Test
    void aLeaderWhoseOwnEntriesAreRefusedCommitsByTheOthers() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.syncAll();
        long settled = leader.core.last().index();
        leader.propose(1);
        leader.refuseUnsynced();
        leader.event(
                new Event.Unwritten(
                        new WrittenLog(
                                leader.core.hardState(),
                                LogPosition.ZERO,
                                List.of(at(5, 1)),
                                settled)));
        leader.syncAll();
        leader.receive(2, new AppendAccepted(5, settled + 1));
        assertThat(leader.core.commitIndex()).as("on one disk only").isEqualTo(settled);
        leader.receive(3, new AppendAccepted(5, settled + 1));
        assertThat(leader.core.commitIndex()).isEqualTo(settled + 1);
        assertThat(leader.sent(AppendEntries.class)).isNotEmpty();
    }

    @Test
    void aRefusedWriteIsNewsOfTheFullDiskAndWhatTheDiskHoldsIsSaidUnasked() {
        CoreProbe follower = CoreProbe.follower(3, 4, 4);
        follower.append(2, 4, at(4, 1), logFrom(2, 4), 1);
        follower.refuseUnsynced();
        follower.event(refusedBehind(1));
        follower.syncAll();
        AppendAccepted said = follower.sentTo(2, AppendAccepted.class).get(0);
        assertThat(said.match()).isEqualTo(1);
        assertThat(said.stalledMillis()).isEqualTo(CoreProbe.OPTIONS.electionTimeout().toMillis());
    }

    @Test
    void aRefusedWriteIsNoWriteThatHangs() {
        CoreProbe follower = CoreProbe.follower(3, 4, 4);
        follower.append(2, 4, at(4, 1), logFrom(2, 4), 1);
        follower.refuseUnsynced();
        follower.event(refusedBehind(1));
        follower.syncAll();
        follower.event(ROOM);
        follower.syncAll();
        for (int i = 0; i < 100; i++) {
            follower.receive(2, new Heartbeat(4, 1, i));
            follower.passTime(CoreProbe.HEARTBEAT_NANOS);
            follower.syncAll();
        }
        assertThat(follower.sentTo(2, HeartbeatReply.class))
                .allMatch(reply -> reply.stalledMillis() == 0);
    }

    @Test
    void aPromiseOfTheBatchThatIsRefusedIsNotSentAndTheFoundingIsWrittenAgain() {
        CoreProbe voter = CoreProbe.follower(3, 4, 4);
        voter.passTime(2 * CoreProbe.OPTIONS.electionTimeout().toNanos());
        voter.syncAll();
        voter.sent();
        voter.effects();
        voter.step(new Event.Received(id(3), new RequestVote(9, at(4, 1), false)));
        voter.event(refusedBehind(1));
        assertThat(voter.effects(Effect.Persist.class).get(0).founding()).isNotNull();
        voter.syncAll();
        assertThat(voter.core.hardState()).isEqualTo(new HardState(9, id(3)));
        assertThat(voter.sentTo(3, VoteReply.class)).isEmpty();
    }

    @Test
    void whatTheDiskStillHoldsInConflictIsDroppedFirst() {
        CoreProbe follower = CoreProbe.follower(3, 4, 3, 3, 3);
        follower.append(2, 4, at(3, 1), logFrom(2, 4, 4), 0);
        follower.refuseUnsynced();
        follower.effects();
        follower.event(
                new Event.Unwritten(
                        new WrittenLog(
                                new HardState(4, null), LogPosition.ZERO, List.of(at(3, 1)), 3)));
        Effect.Persist cut = follower.effects(Effect.Persist.class).get(0);
        assertThat(cut.truncateFrom()).isEqualTo(2);
        assertThat(cut.entries()).isEmpty();
        follower.syncAll();
        follower.event(ROOM);
        assertThat(follower.effects(Effect.Persist.class).get(0).entries())
                .containsExactly(entry(4, 2), entry(4, 3));
    }
}
