package dev.lockstep.raft.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DrainRateTest {
    private static final long MILLI = 1_000_000;

    private final DrainRate rate =
            new DrainRate(Duration.ofMillis(100), Duration.ofMillis(30), Duration.ofSeconds(10));
    private long ended;
    private long now = 7;

    /** Bytes that wait end evenly over that time, which is looked at each millisecond. */
    private void drain(int millis, int bytesPerMilli) {
        for (int i = 0; i < millis; i++) {
            now += MILLI;
            ended += bytesPerMilli;
            rate.look(ended, 1_000_000, now);
        }
    }

    private long millis(long waiting) {
        return rate.untilHalfOf(waiting, now).toMillis();
    }

    @Test
    void beforeAnythingWasMeasuredItSaysWhatItWasTold() {
        assertThat(millis(1_000_000)).isEqualTo(30);
    }

    @Test
    void theHintIsHalfOfTheBacklogByTheRate() {
        drain(500, 1_000);
        assertThat(millis(1_000_000)).isBetween(480L, 520L);
        assertThat(millis(100_000)).isBetween(48L, 52L);
    }

    @Test
    void aSlowerDrainMakesItLongerAndAFasterOneShorter() {
        drain(500, 1_000);
        drain(1_000, 100);
        assertThat(millis(1_000_000)).isBetween(4_800L, 5_200L);
        drain(1_000, 10_000);
        assertThat(millis(1_000_000)).isBetween(48L, 52L);
    }

    @Test
    void whileNothingEndsItGrowsWithTheTime() {
        drain(500, 1_000);
        drain(3_000, 0);
        assertThat(millis(1_000_000)).isEqualTo(3_000);
        drain(60_000, 0);
        assertThat(millis(1_000_000)).as("the most").isEqualTo(10_000);
    }

    @Test
    void timeInWhichNothingWaitsSaysNothing() {
        drain(500, 1_000);
        rate.look(ended, 0, now);
        now += 60_000 * MILLI;
        rate.look(ended, 1_000_000, now);
        assertThat(millis(1_000_000)).isBetween(480L, 520L);
        drain(100, 1_000);
        assertThat(millis(1_000_000)).isBetween(480L, 520L);
    }

    @Test
    void itIsNeverNothing() {
        drain(500, 1_000_000);
        assertThat(rate.untilHalfOf(1, now)).isEqualTo(Duration.ofMillis(1));
    }
}
