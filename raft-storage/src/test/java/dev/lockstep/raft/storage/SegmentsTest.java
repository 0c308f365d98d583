package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Files of segments are closed when nobody reads them any more, and not before. */
class SegmentsTest {
    private final OpenFilesDisk disk = new OpenFilesDisk(new CrashDisk());

    private Segment segment(int sequence) throws IOException {
        return new Segment(
                new SegmentHeader(sequence, sequence, 32, new UUID(1, 1)),
                disk.create(Segment.name(sequence)));
    }

    private boolean isOpen(int sequence) {
        return disk.openFiles().contains(Segment.name(sequence));
    }

    @Test
    void aFreedSegmentIsClosedAtOnceOrWithTheLastReadOfIt() throws IOException {
        Segments segments = new Segments(List.of(segment(1), segment(2)));
        segments.add(segment(3));
        assertThat(segments.bytes()).isEqualTo(3 * 32 * Blocks.BYTES);
        assertThat(segments.last()).isEqualTo(3);
        Segment lent = segments.lend(1);
        assertThat(lent).isNotNull();
        assertThat(segments.lend(1)).isSameAs(lent);
        assertThat(segments.removeFirst()).as("unused").isFalse();
        assertThat(segments.lend(1)).isNull();
        assertThat(segments.bytes()).isEqualTo(2 * 32 * Blocks.BYTES);
        segments.giveBack(lent);
        assertThat(isOpen(1)).as("one read is under way").isTrue();
        segments.giveBack(lent);
        assertThat(isOpen(1)).isFalse();

        assertThat(segments.removeFirst()).as("unused").isTrue();
        assertThat(isOpen(2)).isFalse();
        assertThat(segments.first().sequence()).isEqualTo(3);
    }

    @Test
    void aSegmentInUseStaysOpenWhoeverReadsItAndIsClosedWithTheLog() throws IOException {
        Segments segments = new Segments(List.of(segment(1), segment(2)));
        Segment lent = segments.lend(2);
        segments.giveBack(lent);
        assertThat(isOpen(2)).isTrue();
        assertThat(segments.lend(2)).as("and again").isSameAs(lent);
        segments.giveBack(lent);
        segments.close();
        assertThat(isOpen(1)).isFalse();
        assertThat(isOpen(2)).isFalse();
    }
}
