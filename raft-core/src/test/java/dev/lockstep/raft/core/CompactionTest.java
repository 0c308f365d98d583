package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How much of a log was handed out, and where it may be cut. */
class CompactionTest {
    private static final long STEP = 100;

    /** Keeps sixteen steps. */
    private final Compaction compaction = new Compaction(0, 16 * STEP);

    @Test
    void theLogIsMeasuredInStepsOfASixteenthOfWhatIsKept() {
        compaction.handed(1, STEP - 1);
        assertThat(compaction.between(0, 1)).isZero();
        compaction.handed(2, 1);
        assertThat(compaction.between(0, 2)).as("just a step").isEqualTo(STEP);
        compaction.handed(3, 10);
        assertThat(compaction.between(0, 3)).as("a part of the next").isEqualTo(STEP);
        compaction.handed(4, STEP);
        assertThat(compaction.between(0, 4)).isEqualTo(2 * STEP + 10);
        assertThat(compaction.between(2, 4)).isEqualTo(STEP + 10);
        assertThat(compaction.bytesSinceLast()).isEqualTo(2 * STEP + 10);
    }

    @Test
    void whereASnapshotIsTakenTheLogIsMeasuredExactly() {
        compaction.handed(1, STEP);
        compaction.handed(2, 10);
        compaction.taking(2);
        assertThat(compaction.between(0, 2)).isEqualTo(STEP + 10);
        assertThat(compaction.bytesSinceLast()).isZero();
        assertThat(compaction.lastIndex()).isEqualTo(2);
    }

    @Test
    void whatIsKeptIsCountedBackFromTheSnapshot() {
        for (int i = 1; i <= 40; i++) {
            compaction.handed(i, STEP);
        }
        assertThat(compaction.cut(20)).isEqualTo(4);
        assertThat(compaction.cut(40)).isEqualTo(24);
        assertThat(compaction.cut(30)).as("never lower").isEqualTo(24);
    }

    @Test
    void behindAnotherReplicasSnapshotTheMeasureBeginsAnew() {
        compaction.handed(1, STEP);
        compaction.handed(2, 30);
        compaction.restartAt(50);
        assertThat(compaction.bytesSinceLast()).isZero();
        assertThat(compaction.lastIndex()).isEqualTo(50);
        assertThat(compaction.cut(50)).isEqualTo(50);
        compaction.handed(51, STEP);
        assertThat(compaction.between(50, 51)).isEqualTo(STEP);
    }
}
