package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.HEARTBEAT_NANOS;
import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.entry;
import static dev.lockstep.raft.core.CoreProbe.id;
import static dev.lockstep.raft.core.CoreProbe.log;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.AppendRejected;
import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.ReadIndexReply;
import dev.lockstep.raft.message.RequestReadIndex;
import dev.lockstep.raft.message.TimeoutNow;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A leader's limits, at their very edge. */
class LeaderBoundsTest {
    private static final int SIZE = 100;
    private static final int WEIGHT = Entry.OVERHEAD_BYTES + SIZE;

    private static Event propose(long id) {
        return new Event.Propose(Ticket.local(id), Payload.wrap(new byte[SIZE]));
    }

    private static int admitted(CoreProbe leader) {
        return leader.effects(Effect.Admitted.class).size();
    }

    @Test
    void exactlyTheAllowedBytesMayBeUncommitted() {
        RaftOptions options = CoreProbe.OPTIONS.with().maxUncommittedBytes(3 * WEIGHT).build();
        CoreProbe leader = CoreProbe.settledLeader(options, 3, 5);
        for (int i = 0; i < 5; i++) {
            leader.event(propose(i));
        }
        assertThat(admitted(leader)).isEqualTo(3);
        leader.receive(2, new AppendAccepted(5, 3));
        leader.syncAll();
        assertThat(leader.core.commitIndex()).isEqualTo(3);
        for (int i = 5; i < 10; i++) {
            leader.event(propose(i));
        }
        assertThat(admitted(leader)).as("room for what was committed").isEqualTo(2);
        leader.receive(2, new AppendAccepted(5, 6));
        leader.syncAll();
        for (int i = 10; i < 15; i++) {
            leader.event(propose(i));
        }
        assertThat(admitted(leader)).as("all is committed").isEqualTo(3);
    }

    @Test
    void exactlyTheAllowedBytesMayBeUnapplied() {
        RaftOptions options =
                CoreProbe.OPTIONS
                        .with()
                        .maxUnappliedBytes(3 * WEIGHT)
                        .maxApplyingBytes(WEIGHT)
                        .build();
        CoreProbe leader = CoreProbe.settledLeader(options, 3, 5);
        leader.syncAll();
        leader.event(new Event.Applied(1));
        for (int i = 2; i <= 5; i++) {
            leader.event(propose(i));
            leader.receive(2, new AppendAccepted(5, i));
            leader.syncAll();
        }
        assertThat(leader.core.commitIndex()).isEqualTo(4);
        assertThat(admitted(leader)).isEqualTo(3);
        assertThat(leader.core.unappliedBytes()).isEqualTo(3L * WEIGHT);
        assertThat(leader.effects(Effect.Refused.class))
                .containsExactly(
                        new Effect.Refused(Ticket.local(5), Effect.Refused.Reason.OVERLOADED));
        leader.event(new Event.Applied(2));
        leader.event(propose(6));
        assertThat(admitted(leader)).as("room for what was applied").isEqualTo(1);
        leader.receive(2, new AppendAccepted(5, 5));
        leader.syncAll();
        for (int i = 3; i <= 5; i++) {
            leader.event(new Event.Applied(i));
        }
        assertThat(leader.core.unappliedBytes()).isZero();
    }

    /** What predecessors left was never counted as this leader's. */
    @Test
    void committedEntriesOfEarlierTermsMakeNoRoom() {
        RaftOptions options = CoreProbe.OPTIONS.with().maxUncommittedBytes(2 * WEIGHT).build();
        CoreProbe leader = CoreProbe.leader(options, 3, 5, 1, 1, 2);
        leader.receive(2, new AppendAccepted(5, 4));
        assertThat(leader.core.commitIndex()).isEqualTo(4);
        for (int i = 0; i < 5; i++) {
            leader.event(propose(i));
        }
        assertThat(admitted(leader)).isEqualTo(2);
    }

    @Test
    void entriesReadBackFillAnAppendToTheByteAndNotBeyond() {
        int weight = entry(1, 1).weightBytes();
        for (int slack : new int[] {-1, 0, 1}) {
            RaftOptions options =
                    CoreProbe.OPTIONS.with().maxAppendBytes(3 * weight + slack).build();
            CoreProbe leader = CoreProbe.leader(options, 3, 5, 1, 1, 1, 1, 1);
            leader.receive(2, new AppendRejected(5, 5, at(0, 0)));
            assertThat(leader.effects(Effect.Load.class)).hasSize(1);
            leader.event(new Event.Loaded(1, log(1, 1, 1, 1, 1)));
            List<AppendEntries> sent = leader.sentTo(2, AppendEntries.class);
            assertThat(sent).hasSize(1);
            assertThat(sent.get(0).entries()).hasSize(slack < 0 ? 2 : 3);
        }
    }

    @Test
    void whoIsUpToDateIsProbedWithAnEmptyAppend() {
        CoreProbe leader = CoreProbe.leader(3, 5);
        leader.receive(2, new AppendAccepted(5, 1));
        leader.event(new Event.Connected(id(2).node()));
        assertThat(leader.sentTo(2, AppendEntries.class))
                .containsExactly(new AppendEntries(5, at(5, 1), List.of(), 1));
    }

    @Test
    void moreReadsThanMayWaitAreRefusedAtOnce() {
        CoreProbe leader = CoreProbe.leader(3, 5);
        for (int i = 0; i < ReadQueue.MOST_WAITING; i++) {
            leader.step(new Event.Read(i));
        }
        leader.drain();
        assertThat(leader.effects(Effect.ReadRefused.class)).isEmpty();
        leader.read(ReadQueue.MOST_WAITING);
        assertThat(leader.effects(Effect.ReadRefused.class))
                .containsExactly(new Effect.ReadRefused(ReadQueue.MOST_WAITING));
    }

    @Test
    void roundsThatWaitCountAsReadsThatWait() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.read(0);
        for (int i = 1; i < ReadQueue.MOST_WAITING; i++) {
            leader.step(new Event.Read(i));
        }
        leader.step(new Event.Read(ReadQueue.MOST_WAITING));
        leader.drain();
        assertThat(leader.effects(Effect.ReadRefused.class)).hasSize(1);
    }

    @Test
    void aTransferGoesOnUntilItsTimeIsOver() {
        CoreProbe leader = CoreProbe.settledLeader(3, 5);
        leader.propose(1);
        leader.event(new Event.Transfer(9, id(3).node()));
        for (long passed = HEARTBEAT_NANOS;
                passed < CoreProbe.ELECTION_NANOS;
                passed += HEARTBEAT_NANOS) {
            leader.passTime(HEARTBEAT_NANOS);
            leader.receive(2, new HeartbeatReply(5, 0));
            leader.receive(3, new HeartbeatReply(5, 0));
            assertThat(leader.effects(Effect.TransferAborted.class)).isEmpty();
        }
        leader.receive(3, new AppendAccepted(5, 2));
        assertThat(leader.sentTo(3, TimeoutNow.class)).hasSize(1);
    }

    @Test
    void ofEquallyFreshFollowersTheFirstIsAsked() {
        CoreProbe leader = CoreProbe.settledLeader(5, 5);
        leader.event(new Event.Transfer(9, null));
        assertThat(leader.sentTo(2, TimeoutNow.class)).hasSize(1);
    }

    @Test
    void aTransferThatCannotBeginSaysToWhom() {
        CoreProbe alone = CoreProbe.leader(1, 5);
        alone.event(new Event.Transfer(1, null));
        alone.event(new Event.Transfer(2, id(7).node()));
        List<Effect.TransferAborted> aborted = alone.effects(Effect.TransferAborted.class);
        assertThat(aborted).hasSize(2);
        assertThat(aborted.get(0).reason()).startsWith("no other voter was heard");
        assertThat(aborted.get(1).reason()).startsWith("n7 is no other voter");
    }

    /** A candidate of the term can't tell what is committed; who asks it, asks another then. */
    @Test
    void aCandidateRefusesWhatIsForLeaders() {
        CoreProbe candidate = CoreProbe.follower(3, 4).campaign();
        candidate.syncAll();
        candidate.sent();
        candidate.receive(2, new RequestReadIndex(5, 77));
        assertThat(candidate.sentTo(2, ReadIndexReply.class))
                .containsExactly(new ReadIndexReply(5, 77, false, 0));
        candidate.receive(2, new ForwardProposal(5, 78, Payload.of(1)));
        assertThat(candidate.effects(Effect.Refused.class)).hasSize(1);
    }

    @Test
    void aFollowerPassesOnThatItsReadWasRefused() {
        CoreProbe follower = CoreProbe.follower(3, 4);
        follower.receive(2, new ReadIndexReply(4, 6, false, 0));
        assertThat(follower.effects(Effect.ReadRefused.class))
                .containsExactly(new Effect.ReadRefused(6));
    }
}
