package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What the log does at which size, to the byte. */
class LogBoundTest {
    /** Of 18 segments, two are set aside: 16,000 are used. */
    private final LogBound bound = new LogBound(18_000, 1_000);

    @Test
    void theMoreOfItIsUsedTheMoreIsCopiedToFreeSegments() {
        assertThat(bound.cleanedPart(2_000)).isEqualTo(32);
        assertThat(bound.cleanedPart(2_001)).isEqualTo(8);
        assertThat(bound.cleanedPart(8_000)).isEqualTo(8);
        assertThat(bound.cleanedPart(8_001)).isEqualTo(2);
    }

    @Test
    void snapshotsAreAskedForBeforeItIsFull() {
        assertThat(bound.isCrowded(12_000)).isFalse();
        assertThat(bound.isCrowded(12_001)).isTrue();
        assertThat(bound.isFull(16_000)).isFalse();
        assertThat(bound.isFull(16_001)).isTrue();
    }

    @Test
    void spareFilesCountAsTheLogsOwn() {
        assertThat(bound.maySpare(16_000, 0)).isTrue();
        assertThat(bound.maySpare(16_001, 0)).isFalse();
        assertThat(bound.maySpare(13_000, 3)).isTrue();
        assertThat(bound.maySpare(13_001, 3)).isFalse();
    }

    @Test
    void fourSegmentsAreTheLeast() {
        assertThat(new LogBound(4_000, 1_000).bytes()).isEqualTo(4_000);
        assertThatThrownBy(() -> new LogBound(3_999, 1_000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("room for 4 segments of 1000 bytes: 3999");
    }
}
