package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What can't be read of one segment says nothing of other blocks. */
class SegmentReaderTest {
    private static final UUID HOST = Samples.replica("n1", 1).incarnation();
    private static final int BLOCKS = 16;
    private static final int UNREADABLE = 5;

    private final CrashDisk disk = new CrashDisk();

    @BeforeEach
    void makeSegments() {
        for (long sequence = 1; sequence <= 2; sequence++) {
            Blocks blank = Blocks.direct(BLOCKS);
            new SegmentHeader(sequence, 9, BLOCKS, HOST).putInto(blank);
            byte[] bytes = new byte[BLOCKS * Blocks.BYTES];
            blank.first(BLOCKS).get(bytes);
            disk.put(Segment.name(sequence), bytes);
        }
    }

    private Segment segment(long sequence) throws IOException {
        long offset = (long) UNREADABLE * Blocks.BYTES;
        return Segment.open(new UnreadableDisk(disk, Segment.name(1), offset), sequence, HOST);
    }

    @Test
    void aSectorThatTheDiskDoesNotReadCostsNoOther() throws IOException {
        SegmentReader reader = new SegmentReader(segment(1), Runnable::run);
        for (int block = 1; block < BLOCKS; block++) {
            boolean is = block == UNREADABLE;
            assertThat(reader.state(block))
                    .as("block %d", block)
                    .isEqualTo(is ? Blocks.State.ROTTEN : Blocks.State.BLANK);
            assertThat(reader.isUnreadable(block)).as("block %d", block).isEqualTo(is);
        }
        assertThat(reader.isBlank()).isFalse();
    }

    @Test
    void whatIsDamagedInAnotherSegmentIsNotTakenForUnreadable() throws IOException {
        SegmentReader reader = new SegmentReader(segment(1), Runnable::run);
        assertThat(reader.isUnreadable(UNREADABLE)).isTrue();
        disk.flip(Segment.name(2), UNREADABLE * Blocks.BYTES + 100);
        SegmentReader next = reader.on(segment(2));
        assertThat(next.state(UNREADABLE)).isEqualTo(Blocks.State.ROTTEN);
        assertThat(next.isUnreadable(UNREADABLE)).as("it is read, and bad").isFalse();
        assertThat(next.state(UNREADABLE + 1)).isEqualTo(Blocks.State.BLANK);
    }

    @Test
    void whatAFileLacksIsNotBlankThoughAnotherSectorOfItIsUnreadable() throws IOException {
        byte[] bytes = disk.bytes(Segment.name(1));
        disk.put(Segment.name(1), Arrays.copyOf(bytes, bytes.length - Blocks.BYTES));
        SegmentReader reader = new SegmentReader(segment(1), Runnable::run);
        assertThat(reader.state(BLOCKS - 2)).isEqualTo(Blocks.State.BLANK);
        assertThat(reader.state(BLOCKS - 1)).isEqualTo(Blocks.State.ROTTEN);
        assertThat(reader.isUnreadable(BLOCKS - 1)).isFalse();
    }

    @Test
    void aSegmentWithSomethingInItsLastBlockAloneIsNotBlank() throws IOException {
        assertThat(new SegmentReader(segment(2), Runnable::run).isBlank()).isTrue();
        disk.flip(Segment.name(2), BLOCKS * Blocks.BYTES - 1);
        assertThat(new SegmentReader(segment(2), Runnable::run).isBlank()).isFalse();
    }
}
