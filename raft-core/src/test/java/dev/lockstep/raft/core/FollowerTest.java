package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.AppendRejected;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.ReadIndexReply;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a follower may take for committed. */
class FollowerTest {
    private static final Entry LAST = new Entry(2, 21, EntryKind.COMMAND, 0, Payload.of(1));

    private static Driven follower(long term, List<LogPosition> terms, long lastIndex) {
        return new Driven(RaftOptions.defaults(), term, terms, lastIndex);
    }

    @Test
    void aFollowerThatGaveUpOnItsLeaderForAMomentStillLearnsWhatIsCommitted() {
        Driven follower = follower(1, List.of(new LogPosition(1, 1)), 20);
        follower.receive(
                Driven.N2, new AppendEntries(2, new LogPosition(1, 20), List.of(LAST), 20));
        follower.drain();
        follower.wake(); // no heartbeat for a while
        follower.drain();
        follower.receive(Driven.N2, new Heartbeat(2, 21, 5));
        follower.drain();

        assertThat(follower.core.commitIndex()).isEqualTo(21);
    }

    @Test
    void aReopenedFollowerOfAnIdleLeaderLearnsWhatIsCommitted() {
        List<LogPosition> terms = List.of(new LogPosition(1, 1), new LogPosition(2, 21));
        Driven follower = follower(2, terms, 21);
        follower.receive(Driven.N2, new Heartbeat(2, 21, 5));
        assertThat(follower.core.commitIndex()).isEqualTo(21);

        Driven reading = follower(2, terms, 21);
        reading.receive(Driven.N2, new ReadIndexReply(2, 7, true, 21));
        assertThat(reading.core.commitIndex()).isEqualTo(21);
    }

    @Test
    void anUnverifiedTailOfAnOlderTermIsNeverCommittedByAHeartbeat() {
        Driven follower = follower(2, List.of(new LogPosition(1, 1)), 21);
        follower.receive(Driven.N2, new Heartbeat(2, 21, 5));
        follower.receive(Driven.N2, new Heartbeat(2, 40, 6));
        follower.receive(Driven.N2, new ReadIndexReply(2, 7, true, 21));
        assertThat(follower.core.commitIndex()).isZero();
    }

    @Test
    void aPreviousEntryThatIsCompactedIsNoConflict() {
        SnapshotMeta snapshot =
                new SnapshotMeta(
                        new LogPosition(1, 10),
                        0,
                        Membership.ofVoters(List.of(Driven.N1, Driven.N2, Driven.N3)),
                        0);
        Driven follower =
                new Driven(
                        RaftOptions.defaults(), 1, snapshot, List.of(new LogPosition(1, 11)), 12);
        List<Entry> entries = new ArrayList<>();
        for (long index = 6; index <= 13; index++) {
            entries.add(new Entry(1, index, EntryKind.COMMAND, 0, Payload.of(index)));
        }
        follower.receive(Driven.N2, new AppendEntries(1, new LogPosition(1, 5), entries, 13));
        List<Effect> effects = follower.drain();

        assertThat(Driven.sent(AppendRejected.class, Driven.N2, effects)).isEmpty();
        assertThat(Driven.sent(AppendAccepted.class, Driven.N2, effects))
                .containsExactly(new AppendAccepted(1, 13));
        Effect.Persist write = Driven.only(Effect.Persist.class, effects).get(0);
        assertThat(write.truncateFrom()).isZero();
        assertThat(write.entries()).containsExactly(entries.get(7));
        assertThat(follower.core.commitIndex()).isEqualTo(13);
    }

    /** Committed entries are never dropped, whoever says so. */
    @Test
    void whoIsToldToDropWhatIsCommittedStopsAndTakesNothing() {
        Driven follower = follower(2, List.of(new LogPosition(2, 1)), 3);
        follower.receive(Driven.N2, new AppendEntries(2, new LogPosition(2, 3), List.of(), 3));
        follower.drain();
        assertThat(follower.core.commitIndex()).isEqualTo(3);
        List<Entry> other = new ArrayList<>();
        for (long index = 3; index <= 5; index++) {
            other.add(new Entry(3, index, EntryKind.COMMAND, 0, Payload.of(index)));
        }
        follower.receive(Driven.N3, new AppendEntries(3, new LogPosition(2, 2), other, 5));
        List<Effect> effects = follower.drain();
        assertThat(follower.core.fault().code()).isEqualTo(Fault.Code.BUG);
        assertThat(follower.core.fault().message()).contains("from 3 on, of which 3 are committed");
        assertThat(follower.core.last()).isEqualTo(new LogPosition(2, 3));
        assertThat(follower.core.commitIndex()).isEqualTo(3);
        assertThat(effects).hasOnlyElementsOfType(Effect.Halt.class);
    }
}
