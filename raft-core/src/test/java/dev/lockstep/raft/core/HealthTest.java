package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.ELECTION_NANOS;
import static dev.lockstep.raft.core.CoreProbe.HEARTBEAT_NANOS;
import static dev.lockstep.raft.core.CoreProbe.OPTIONS;
import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.id;
import static dev.lockstep.raft.core.CoreProbe.logFrom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.Resignation;
import dev.lockstep.raft.message.TimeoutNow;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.Role;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Leaders that give way: to better health, and to higher priority; one claim each. */
class HealthTest {
    private static final long ELECTION_MILLIS = OPTIONS.electionTimeout().toMillis();

    private static HeartbeatReply healthy() {
        return new HeartbeatReply(5, 0, 0, 0, 100);
    }

    private static HeartbeatReply stalled(long millis) {
        return new HeartbeatReply(5, 0, 0, millis, 100);
    }

    private static void beats(
            CoreProbe leader, int count, HeartbeatReply two, HeartbeatReply three) {
        for (int i = 0; i < count; i++) {
            leader.passTime(HEARTBEAT_NANOS);
            leader.receive(2, two);
            leader.receive(3, three);
        }
    }

    @Test
    void aLeaderWhoseDiskIsStuckGivesWayToAHealthyFollowerThatHoldsEverything() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.syncAll();
        leader.propose(1); // never synced
        leader.receive(3, new AppendAccepted(5, 2));
        beats(leader, 9, healthy(), healthy());
        assertThat(leader.sent(TimeoutNow.class)).as("not yet for an election timeout").isEmpty();
        beats(leader, 3, healthy(), healthy());
        assertThat(leader.sentTo(3, TimeoutNow.class)).hasSize(1);
        assertThat(leader.sentTo(2, TimeoutNow.class)).isEmpty();
    }

    @Test
    void aLeaderWhoseDiskIsStuckGivesWayAfterJustAnElectionTimeout() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.syncAll();
        leader.propose(1); // never synced
        leader.receive(3, new AppendAccepted(5, 2));
        long beats = ELECTION_NANOS / HEARTBEAT_NANOS;
        beats(leader, (int) beats - 1, healthy(), healthy());
        assertThat(leader.sent(TimeoutNow.class)).isEmpty();
        beats(leader, 1, healthy(), healthy());
        assertThat(leader.sentTo(3, TimeoutNow.class)).hasSize(1);
    }

    @Test
    void whoHasStalledForHalfAnElectionTimeoutIsNoSuccessor() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.syncAll();
        leader.propose(1); // never synced
        leader.receive(3, new AppendAccepted(5, 2));
        HeartbeatReply tooLong = stalled(ELECTION_MILLIS / 2);
        beats(leader, 15, tooLong, tooLong);
        assertThat(leader.sent(TimeoutNow.class)).isEmpty();
        beats(leader, 2, tooLong, stalled(ELECTION_MILLIS / 2 - 1));
        assertThat(leader.sentTo(3, TimeoutNow.class)).hasSize(1);
    }

    @Test
    void aLeaderWhoseStateMachineIsStuckGivesWay() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.machineIsStuck = true;
        leader.propose(1);
        leader.syncAll();
        leader.receive(2, new AppendAccepted(5, 2));
        leader.receive(3, new AppendAccepted(5, 2));
        assertThat(leader.applied()).isNotEmpty(); // and never answered
        beats(leader, 12, healthy(), healthy());
        assertThat(leader.sent(TimeoutNow.class)).hasSize(1);
    }

    @Test
    void whenAllAreStuckAlikeNobodyIsDeposed() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.syncAll();
        leader.propose(1);
        leader.receive(2, new AppendAccepted(5, 2));
        leader.receive(3, new AppendAccepted(5, 2));
        for (int i = 0; i < 50; i++) {
            HeartbeatReply alike = stalled(i * ELECTION_MILLIS / 10);
            beats(leader, 1, alike, alike);
        }
        assertThat(leader.sent(TimeoutNow.class)).isEmpty();
        assertThat(leader.core.role()).isEqualTo(Role.LEADER);
    }

    @Test
    void aLeaderThatMakesProgressThoughSlowlyStays() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.syncAll();
        for (int i = 0; i < 30; i++) {
            leader.propose(i);
        }
        for (int i = 0; i < 30; i++) {
            beats(leader, 5, healthy(), healthy());
            leader.sync();
            leader.receive(3, new AppendAccepted(5, leader.core.last().index()));
        }
        assertThat(leader.sent(TimeoutNow.class)).isEmpty();
    }

    @Test
    void aFollowerThatLagsIsNoSuccessor() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.propose(1);
        leader.syncAll();
        leader.receive(2, new AppendAccepted(5, 2));
        leader.propose(2); // its disk hangs from here on
        beats(leader, 12, stalled(ELECTION_MILLIS), healthy());
        assertThat(leader.sent(TimeoutNow.class)).as("3 lacks what is committed").isEmpty();
    }

    @Test
    void anIdleLeaderTriesItsDiskNowAndThen() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.syncAll();
        leader.effects();
        beats(leader, 19, healthy(), healthy());
        assertThat(leader.unsynced()).isZero();
        beats(leader, 2, healthy(), healthy());
        assertThat(leader.unsynced()).isEqualTo(1);
        Effect.Persist probe = leader.effects(Effect.Persist.class).get(0);
        assertThat(probe.hardState()).isEqualTo(leader.core.hardState());
        assertThat(probe.entries()).isEmpty();
        beats(leader, 12, healthy(), healthy());
        assertThat(leader.sent(TimeoutNow.class)).as("the probe hangs").hasSize(1);
    }

    @Test
    void healthRidesInEveryAnswer() {
        CoreProbe follower = CoreProbe.follower(3, 4);
        follower.machineIsStuck = true;
        follower.append(2, 4, at(0, 0), logFrom(1, 4), 1);
        follower.passTime(300_000_000);
        follower.receive(2, new Heartbeat(4, 1, 3));
        assertThat(follower.sentTo(2, HeartbeatReply.class))
                .containsExactly(new HeartbeatReply(4, 3, 0, 300, 100));
        follower.append(2, 4, at(4, 1), logFrom(2, 4), 1);
        follower.syncAll();
        assertThat(follower.sentTo(2, AppendAccepted.class))
                .containsExactly(new AppendAccepted(4, 1), new AppendAccepted(4, 2, 300));
    }

    @Test
    void aLeaderWhoseDiskFailsSaysAtOnceThatItLeadsNoMore() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.event(new Event.Failed(new Fault(Fault.Code.STORAGE_FAILED, "gone")));
        assertThat(leader.sent(Resignation.class)).containsOnly(new Resignation(5)).hasSize(2);
        assertThat(leader.core.role()).isEqualTo(Role.HALTED);
        CoreProbe follower = CoreProbe.follower(3, 5);
        follower.event(new Event.Failed(new Fault(Fault.Code.STORAGE_FAILED, "gone")));
        assertThat(follower.sent(Resignation.class)).isEmpty();
    }

    // ---- priorities ----

    private static RaftOptions priority(int value) {
        return OPTIONS.with().electionPriority(value).build();
    }

    @Test
    void aHigherPriorityCampaignsEarlierAndALowerOneWaitsAnElectionTimeoutMoreAtMost() {
        for (int i = 0; i < 20; i++) {
            CoreProbe first = CoreProbe.follower(3, 4 + i);
            assertThat(first.core.deadlineNanos()).isBetween(ELECTION_NANOS, 2 * ELECTION_NANOS);
            CoreProbe last = CoreProbe.follower(priority(0), 3, new HardState(4 + i, null));
            assertThat(last.core.deadlineNanos()).isBetween(2 * ELECTION_NANOS, 3 * ELECTION_NANOS);
        }
    }

    @Test
    void aLeaderOfLowerPriorityHandsOverToAHealthyOneThatHasCaughtUp() {
        CoreProbe leader = CoreProbe.settledLeader(priority(50), 3, 5);
        leader.syncAll();
        HeartbeatReply equal = new HeartbeatReply(5, 0, 0, 0, 50);
        HeartbeatReply higher = new HeartbeatReply(5, 0, 0, 0, 70);
        HeartbeatReply sick = new HeartbeatReply(5, 0, 0, 800, 100);
        for (int i = 0; i < 25; i++) {
            beats(leader, 1, equal, sick);
            leader.syncAll();
        }
        assertThat(leader.sent(TimeoutNow.class)).isEmpty();
        for (int i = 0; i < 3; i++) {
            beats(leader, 1, higher, sick);
            leader.syncAll();
        }
        assertThat(leader.sentTo(2, TimeoutNow.class)).hasSize(1);
    }

    @Test
    void aNewLeaderGivesWayToAHigherPriorityAfterTwoElectionTimeouts() {
        CoreProbe leader = CoreProbe.settledLeader(priority(50), 3, 5);
        leader.syncAll();
        HeartbeatReply higher = new HeartbeatReply(5, 0, 0, 0, 70);
        long beats = 2 * ELECTION_NANOS / HEARTBEAT_NANOS;
        for (int i = 1; i < beats; i++) {
            beats(leader, 1, higher, higher);
            leader.syncAll();
        }
        assertThat(leader.sent(TimeoutNow.class)).isEmpty();
        beats(leader, 1, higher, higher);
        assertThat(leader.sent(TimeoutNow.class)).hasSize(1);
    }

    @Test
    void aTargetThatNeverTakesOverIsAskedAgainOnlyAfterAWhile() {
        CoreProbe leader = CoreProbe.settledLeader(priority(50), 3, 5);
        int asked = 0;
        for (int i = 0; i < 100; i++) {
            leader.syncAll();
            beats(leader, 1, healthy(), new HeartbeatReply(5, 0, 0, 0, 50));
            List<TimeoutNow> sent = leader.sentTo(2, TimeoutNow.class);
            asked += sent.size();
        }
        assertThat(asked).isBetween(1, 3);
        assertThat(id(2)).isNotNull();
    }

    @Test
    void ofEqualsNobodyIsAskedToTakeOver() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        for (int i = 0; i < 60; i++) {
            leader.syncAll();
            beats(leader, 1, healthy(), healthy());
        }
        assertThat(leader.sent(TimeoutNow.class)).isEmpty();
    }
}
