package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** How many blocks a batch fills, and with what. */
class BatchBufferTest {
    private static final long GENERATION = 7;

    /** As many blocks as a batch has at least that fills its last unit. */
    private static final int LARGE = DirectChannel.LEAST_BYTES / Blocks.BYTES;

    private static final int UNIT = DirectChannel.MOST_UNIT_BYTES / Blocks.BYTES;

    private static BatchBuffer beginningAt(int block) {
        return new BatchBuffer(ByteBuffer.allocate(0), block);
    }

    private static Segment segment(int blocks) {
        return new Segment(
                new SegmentHeader(3, GENERATION, blocks, new UUID(1, 2)),
                new MissingFile(Segment.name(3)));
    }

    /** One entry, such that the batch needs exactly so many blocks. */
    private static RecordDraft filling(BatchBuffer buffer, int blocks) {
        RecordDraft draft = new RecordDraft();
        int over = buffer.blocksWith(draft.entry(GROUP.key(), entry(1, 1, 0)));
        int payload = (blocks - over) * Blocks.DATA_BYTES;
        draft.entry(GROUP.key(), entry(1, 1, payload));
        assertThat(buffer.blocksWith(draft)).isEqualTo(blocks);
        return draft;
    }

    /** Seals it and checks that it reads as it was written. */
    private static ByteBuffer sealed(BatchBuffer buffer, int firstBlock, int segmentBlocks)
            throws Damage {
        ByteBuffer bytes = buffer.seal(segment(segmentBlocks), 1, BatchPlace.NONE);
        int count = bytes.remaining() / Blocks.BYTES;
        Blocks blocks = new Blocks(ByteBuffer.allocate(bytes.remaining()).put(bytes).clear());
        ByteBuffer data = ByteBuffer.allocate(count * Blocks.DATA_BYTES);
        for (int i = 0; i < count; i++) {
            assertThat(blocks.state(i, GENERATION, firstBlock + i))
                    .as("block %d", i)
                    .isEqualTo(Blocks.State.INTACT);
            assertThat(blocks.beginsBatch(i)).isEqualTo(i == 0);
            assertThat(blocks.following(i)).isEqualTo(count - 1 - i);
            blocks.dataTo(i, data);
        }
        data.flip();
        assertThat(BatchHead.read(data).blocks()).isEqualTo(count);
        return data;
    }

    private static int blocksOf(int count, int firstBlock, int segmentBlocks) throws Damage {
        BatchBuffer buffer = beginningAt(firstBlock);
        buffer.add(filling(buffer, count));
        return sealed(buffer, firstBlock, segmentBlocks).limit() / Blocks.DATA_BYTES;
    }

    @Test
    void aBatchBelowTheLeastSizeFillsNoUnit() throws Damage {
        assertThat(blocksOf(LARGE - 1, 3, 10_000)).isEqualTo(LARGE - 1);
    }

    @Test
    void aBatchOfTheLeastSizeFillsItsLastUnit() throws Damage {
        assertThat(blocksOf(LARGE, 3, 10_000)).isEqualTo(LARGE + UNIT - 3);
    }

    @Test
    void aBatchThatEndsWithAUnitGetsNothingMore() throws Damage {
        assertThat(blocksOf(LARGE, UNIT, 10_000)).isEqualTo(LARGE);
    }

    @Test
    void theLastUnitIsFilledUpToTheVeryEndOfTheSegment() throws Damage {
        assertThat(blocksOf(LARGE, 3, LARGE + UNIT)).isEqualTo(LARGE + UNIT - 3);
    }

    @Test
    void theLastUnitIsNotFilledBeyondTheSegment() throws Damage {
        assertThat(blocksOf(LARGE, 3, LARGE + UNIT - 1)).isEqualTo(LARGE);
    }

    @Test
    void recordsKeepTheirBytesWhileTheBufferGrows() throws Damage {
        BatchBuffer buffer = beginningAt(3);
        int records = 2000;
        int[] at = new int[records];
        for (int i = 0; i < records; i++) {
            at[i] = buffer.add(new RecordDraft().entry(GROUP.key(), entry(1, i + 1, 100)));
        }
        ByteBuffer data = sealed(buffer, 3, 10_000);
        byte[] payload = new byte[100];
        for (int i = 0; i < records; i++) {
            data.get(at[i] + RecordDraft.ENTRY_OVERHEAD_BYTES, payload);
            assertThat(payload).isEqualTo(entry(1, i + 1, 100).payload().toByteArray());
        }
    }

    @Test
    void nothingOfAnEarlierBatchGoesToTheDiskWithALaterOne() throws Damage {
        BatchBuffer buffer = beginningAt(1);
        buffer.add(new RecordDraft().entry(GROUP.key(), entry(1, 1, 5000)));
        int next = 1 + sealed(buffer, 1, 10_000).limit() / Blocks.DATA_BYTES;
        buffer.next(next);
        RecordDraft small = new RecordDraft().entry(GROUP.key(), entry(1, 2, 10));
        int end = buffer.add(small) + small.length();
        ByteBuffer data = sealed(buffer, next, 10_000);
        BatchHead head = BatchHead.read(data);
        int ending = head.echoBytes() + head.directoryBytes() + BatchHead.FOOT_BYTES;
        byte[] between = new byte[data.limit() - ending - end];
        data.get(end, between);
        assertThat(between).hasSizeGreaterThan(100).containsOnly(0);
    }
}
