package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogTimeTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void entriesHaveTheLeadersTimeWhereTheLogIsNotAhead() {
        LogTime time = new LogTime(5_000, 7);
        assertThat(time.next(5_000, 9_000, 7)).isEqualTo(9_000);
        assertThat(time.next(9_000, 9_000, 8)).isEqualTo(9_000);
    }

    @Test
    void whereTheLogIsAheadItGoesOnAtHalfSpeedUntilTheClockHasComeThere() {
        LogTime time = new LogTime(60_000, 7);
        long newest = 60_000;
        for (int second = 1; second <= 120; second++) {
            long wall = 1_000L * second;
            long before = newest;
            newest = time.next(newest, wall, 7 + second * SECOND);
            assertThat(newest - before).isEqualTo(500);
        }
        assertThat(newest).isEqualTo(120_000);
        assertThat(time.next(newest, 121_000, 7 + 121 * SECOND)).isEqualTo(121_000);
    }

    @Test
    void aClockThatGoesBackNeverTakesTheTimestampsBack() {
        LogTime time = new LogTime(0, 0);
        assertThat(time.next(0, 50_000, 0)).isEqualTo(50_000);
        assertThat(time.next(50_000, 1_000, 10 * SECOND)).isEqualTo(55_000);
        assertThat(time.next(55_000, 2_000, 10 * SECOND)).isEqualTo(55_000);
    }
}
