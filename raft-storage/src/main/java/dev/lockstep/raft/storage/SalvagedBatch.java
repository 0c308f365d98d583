package dev.lockstep.raft.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What is left of the blocks between two batches, or behind the last one, where a batch was synced
 * and isn't whole any more.
 *
 * @param segment where
 * @param from the first block
 * @param intact the blocks that are as they were written, counted from {@code from}; none where
 *     these are more than one batch has
 * @param data the data of all blocks, with zeros where they aren't intact; empty where none is
 * @param firstBad the first block, in the file, that isn't intact
 * @param unreadable whether the disk refused to read some of it
 */
record SalvagedBatch(
        Segment segment,
        int from,
        BitSet intact,
        ByteBuffer data,
        int firstBad,
        boolean unreadable) {
    /** A batch is one record, or not much larger than 4 MiB; what is longer is many of them. */
    private static final int MOST_BLOCKS = (80 << 20) / Blocks.BYTES;

    /**
     * @param from the block that a batch begins at
     * @param until the block behind it, or behind others that follow it
     */
    static SalvagedBatch read(SegmentReader reader, int from, int until) throws IOException {
        BitSet intact = new BitSet();
        boolean unreadable = false;
        int firstBad = until;
        for (int block = from; block < until; block++) {
            boolean good = reader.state(block) == Blocks.State.INTACT;
            intact.set(block - from, good);
            unreadable |= reader.isUnreadable(block);
            firstBad = good ? firstBad : Math.min(firstBad, block);
        }
        if (until - from > MOST_BLOCKS) {
            intact.clear(); // nobody can tell these batches apart
        }
        ByteBuffer data =
                ByteBuffer.allocate(intact.isEmpty() ? 0 : (until - from) * Blocks.DATA_BYTES);
        for (int i = intact.nextSetBit(0); i >= 0; i = intact.nextSetBit(i + 1)) {
            reader.dataTo(from + i, data.position(i * Blocks.DATA_BYTES));
        }
        return new SalvagedBatch(
                reader.segment(), from, intact, data.clear(), firstBad, unreadable);
    }

    /** Its echo and directory, if those are whole; null when they aren't. */
    @Nullable BatchFoot foot() {
        return data.limit() == 0 ? null : BatchFoot.read(data, segment.sequence());
    }

    /** The bytes of its data from {@code at} on; null when some of them are damaged. */
    @Nullable ByteBuffer bytes(int at, int length) {
        int firstBlock = at / Blocks.DATA_BYTES;
        int end = Blocks.needed(at + length);
        return intact.nextClearBit(firstBlock) >= end ? data.slice(at, length) : null;
    }

    long offset() {
        return (long) firstBad * Blocks.BYTES;
    }
}
