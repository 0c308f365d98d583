package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.logFrom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.Heartbeat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a finished write attests: only in its term, and only what the log still holds. */
class PersistTokenTest {
    @Test
    void aTokenOfAnEarlierTermAttestsNothing() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.append(2, 4, at(0, 0), logFrom(1, 4, 4), 0);
        probe.receive(3, new Heartbeat(5, 0, 1));
        probe.sync();
        assertThat(probe.core.durableIndex()).isZero();
        probe.sync();
        assertThat(probe.core.durableIndex()).isEqualTo(2);
    }

    /** The same position came, went, and came again: the first write knows nothing of the last. */
    @Test
    void aTokenIsNotTakenForThatOfTheSamePositionWrittenAgain() {
        CoreProbe probe = CoreProbe.follower(3, 4, 1);
        probe.append(2, 4, at(1, 1), logFrom(2, 3), 0);
        PersistToken first = probe.syncSilently();
        probe.append(3, 5, at(1, 1), logFrom(2, 5), 0);
        probe.append(2, 6, at(1, 1), logFrom(2, 3), 0);
        assertThat(probe.core.last()).isEqualTo(at(3, 2));
        probe.event(new Event.Persisted(first));
        assertThat(probe.core.durableIndex()).isZero();
    }

    @Test
    void everyTermAttestsTheWholeLogAnew() {
        CoreProbe probe = CoreProbe.follower(3, 4, 1, 2, 2);
        assertThat(probe.core.durableIndex()).isZero();
        probe.append(2, 5, at(2, 3), List.of(), 0);
        probe.sync();
        assertThat(probe.core.durableIndex()).isEqualTo(3);
    }
}
