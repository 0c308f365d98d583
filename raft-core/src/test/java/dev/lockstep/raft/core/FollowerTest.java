package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.ReadIndexReply;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
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
}
