package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Since when something makes no progress. */
class StallTest {
    @Test
    void itRunsFromTheFirstOfWhatIsAskedForOrTheLastAnswer() {
        Stall stall = new Stall();
        assertThat(stall.nanos(5)).isZero();
        stall.asked(10);
        stall.asked(20);
        assertThat(stall.nanos(30)).isEqualTo(20);
        stall.answered(40);
        assertThat(stall.nanos(50)).as("one still waits").isEqualTo(10);
        stall.answered(60);
        assertThat(stall.nanos(70)).isZero();
    }

    @Test
    void itIsIdleOnlyWhileNothingWaits() {
        Stall stall = new Stall();
        stall.asked(10);
        assertThat(stall.idleNanos(30)).isZero();
        stall.answered(40);
        assertThat(stall.idleNanos(50)).isEqualTo(40);
    }
}
