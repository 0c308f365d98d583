package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.ELECTION_NANOS;
import static dev.lockstep.raft.core.CoreProbe.HEARTBEAT_NANOS;
import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.id;
import static dev.lockstep.raft.core.CoreProbe.logFrom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.ReadIndexReply;
import dev.lockstep.raft.message.RequestReadIndex;
import dev.lockstep.raft.model.ReplicaId;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Reads, one claim each. */
class ReadTest {
    private static List<Effect.ReadReady> ready(CoreProbe probe) {
        return probe.effects(Effect.ReadReady.class);
    }

    private static long round(CoreProbe probe) {
        List<Heartbeat> heartbeats = probe.sentTo(2, Heartbeat.class);
        return heartbeats.get(heartbeats.size() - 1).round();
    }

    @Test
    void aReadBeforeTheFirstOwnTermCommitWaitsAndIsNotDropped() {
        CoreProbe probe = CoreProbe.leader(3, 5, 1, 1);
        probe.read(1);
        assertThat(probe.sent(Heartbeat.class)).isEmpty();
        probe.receive(2, new HeartbeatReply(5, 0));
        assertThat(ready(probe)).isEmpty();
        probe.receive(2, new AppendAccepted(5, 3));
        assertThat(ready(probe)).isEmpty();
        probe.receive(2, new HeartbeatReply(5, round(probe)));
        assertThat(ready(probe)).containsExactly(new Effect.ReadReady(1, 3));
    }

    @Test
    void aReadNeedsARoundThatLeftAfterIt() {
        CoreProbe probe = CoreProbe.settledLeader(5, 5);
        probe.read(1);
        long first = round(probe);
        probe.read(2);
        long second = round(probe);
        assertThat(second).isGreaterThan(first);
        probe.receive(2, new HeartbeatReply(5, first));
        probe.receive(3, new HeartbeatReply(5, first));
        assertThat(ready(probe)).containsExactly(new Effect.ReadReady(1, 1));
        probe.receive(2, new HeartbeatReply(5, second));
        assertThat(ready(probe)).as("one of five").isEmpty();
        probe.receive(2, new HeartbeatReply(5, second));
        assertThat(ready(probe)).as("the same one again").isEmpty();
        probe.receive(4, new HeartbeatReply(5, second));
        assertThat(ready(probe)).containsExactly(new Effect.ReadReady(2, 1));
    }

    @Test
    void noOtherAnswerConfirmsARead() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.read(1);
        probe.receive(2, new AppendAccepted(5, 1));
        probe.event(
                new Event.Received(
                        new ReplicaId(id(2).node(), new UUID(6, 6)), new HeartbeatReply(5, 100)));
        assertThat(ready(probe)).isEmpty();
    }

    @Test
    void aReplyThatNamesALaterRoundConfirmsNoFutureRead() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.receive(2, new HeartbeatReply(5, Long.MAX_VALUE));
        probe.read(1);
        assertThat(ready(probe)).isEmpty();
    }

    @Test
    void readsBetweenTwoDrainsShareOneRound() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.step(new Event.Read(1));
        probe.step(new Event.Received(id(3), new RequestReadIndex(5, 77)));
        probe.drain();
        List<Heartbeat> heartbeats = probe.sentTo(2, Heartbeat.class);
        assertThat(heartbeats).hasSize(1);
        probe.receive(2, new HeartbeatReply(5, heartbeats.get(0).round()));
        assertThat(ready(probe)).containsExactly(new Effect.ReadReady(1, 1));
        assertThat(probe.sentTo(3, ReadIndexReply.class))
                .containsExactly(new ReadIndexReply(5, 77, true, 1));
    }

    @Test
    void aReadSeesTheCommitIndexOfItsOwnTime() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.propose(1);
        probe.sync();
        probe.receive(2, new AppendAccepted(5, 2));
        probe.read(1);
        probe.receive(2, new HeartbeatReply(5, round(probe)));
        assertThat(ready(probe)).containsExactly(new Effect.ReadReady(1, 2));
    }

    @Test
    void aLostRoundIsAskedAgainByTheNextHeartbeat() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.read(1);
        long lost = round(probe);
        probe.passTime(HEARTBEAT_NANOS);
        assertThat(round(probe)).isEqualTo(lost);
        probe.receive(3, new HeartbeatReply(5, lost));
        assertThat(ready(probe)).hasSize(1);
    }

    @Test
    void noReadOutlivesTheLeadershipUnderWhichItWasAsked() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.read(1);
        probe.receive(3, new RequestReadIndex(5, 77));
        long round = round(probe);
        probe.receive(3, new Heartbeat(6, 0, 1));
        assertThat(probe.effects(Effect.ReadRefused.class))
                .containsExactly(new Effect.ReadRefused(1));
        probe.receive(2, new HeartbeatReply(5, round));
        probe.syncAll();
        assertThat(ready(probe)).isEmpty();
        assertThat(probe.sentTo(3, ReadIndexReply.class))
                .containsExactly(new ReadIndexReply(6, 77, false, 0));
    }

    @Test
    void aDeposedLeaderRefusesItsReadsWithinAnElectionTimeout() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.read(1);
        probe.passTime(ELECTION_NANOS);
        assertThat(probe.effects(Effect.ReadRefused.class)).hasSize(1);
    }

    @Test
    void aSingleVoterReadsAtOnce() {
        CoreProbe probe = CoreProbe.leader(1, 5, 4);
        probe.read(1);
        assertThat(ready(probe)).containsExactly(new Effect.ReadReady(1, 2));
    }

    @Test
    void aFollowerAsksItsLeader() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.read(1);
        assertThat(probe.effects(Effect.ReadRefused.class)).as("no leader").hasSize(1);
        probe.append(2, 4, at(0, 0), logFrom(1, 4, 4), 0);
        probe.read(2);
        assertThat(probe.sentTo(2, RequestReadIndex.class))
                .containsExactly(new RequestReadIndex(4, 2));
        probe.receive(2, new ReadIndexReply(4, 2, true, 2));
        assertThat(ready(probe)).containsExactly(new Effect.ReadReady(2, 2));
        assertThat(probe.core.commitIndex()).as("learned by it").isEqualTo(2);
    }

    @Test
    void aReadIndexBeyondTheVerifiedLogCommitsNoUnverifiedTail() {
        CoreProbe probe = CoreProbe.follower(3, 4, 2, 2, 2);
        probe.receive(2, new Heartbeat(4, 0, 0));
        probe.receive(2, new ReadIndexReply(4, 1, true, 3));
        assertThat(probe.core.commitIndex()).isZero();
    }

    @Test
    void anAnswerOfAnOlderTermIsNoAnswer() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.receive(2, new Heartbeat(5, 0, 0));
        probe.receive(3, new ReadIndexReply(4, 1, true, 0));
        assertThat(ready(probe)).isEmpty();
    }

    @Test
    void whoDoesNotLeadRefusesToAnswerForTheLeader() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.receive(2, new Heartbeat(4, 0, 0));
        probe.receive(3, new RequestReadIndex(4, 5));
        probe.receive(3, new RequestReadIndex(3, 6));
        assertThat(probe.sentTo(3, ReadIndexReply.class))
                .containsExactly(
                        new ReadIndexReply(4, 5, false, 0), new ReadIndexReply(4, 6, false, 0));
    }

    @Test
    void aQueueHandsOutRoundsInOrderAndAbandonsAll() {
        ReadQueue queue = new ReadQueue();
        queue.add(Ticket.local(1));
        queue.seal(10);
        queue.add(Ticket.local(2));
        queue.seal(11);
        queue.add(Ticket.local(3));
        List<ReadQueue.Sealed> confirmed = new ArrayList<>();
        queue.confirmed(1, confirmed::add);
        assertThat(confirmed)
                .containsExactly(new ReadQueue.Sealed(1, 10, List.of(Ticket.local(1))));
        assertThat(queue.isWaiting()).isTrue();
        assertThat(queue.abandon()).containsExactly(Ticket.local(2), Ticket.local(3));
        assertThat(queue.isWaiting()).isFalse();
        assertThat(queue.hasFresh()).isFalse();
        queue.confirmed(Long.MAX_VALUE, confirmed::add);
        assertThat(confirmed).hasSize(1);
    }
}
