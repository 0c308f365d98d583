package dev.lockstep.raft.storage;

import java.nio.ByteBuffer;

/**
 * The batch that is being filled, laid out in blocks as it will stand on the disk: head, records,
 * zeros, and right-aligned at the end of the last block the directory of the batch before, that of
 * this one, and the foot.
 */
final class BatchBuffer {
    private static final int FIRST_BLOCKS = 256;

    /** A buffer that one large record needed is not kept. */
    private static final int MOST_KEPT_BLOCKS = (16 << 20) / Blocks.BYTES;

    private Blocks blocks = Blocks.direct(FIRST_BLOCKS);
    private final ByteBuffer head = ByteBuffer.allocate(BatchHead.BYTES);
    private final BatchDirectory directory;
    private int dataEnd = BatchHead.BYTES;
    private int records;

    /**
     * @param lastDirectory what the first batch repeats of the last one that was recovered
     */
    BatchBuffer(ByteBuffer lastDirectory) {
        directory = new BatchDirectory(lastDirectory);
    }

    boolean isEmpty() {
        return records == 0;
    }

    /** How many blocks the batch would fill with this record in it. */
    int blocksWith(RecordDraft record) {
        return blocks(dataEnd + record.length(), directory.bytesWith(record));
    }

    /** A directory that the next batch doesn't repeat shares no block with a record. */
    private int blocks(int recordsEnd, int directoryBytes) {
        int ending = directory.echoBytes() + directoryBytes + BatchHead.FOOT_BYTES;
        return BatchDirectory.isEchoed(directoryBytes)
                ? Blocks.needed(recordsEnd + ending)
                : Blocks.needed(recordsEnd) + Blocks.needed(ending);
    }

    /**
     * @return where in the batch's data the record begins
     */
    int add(RecordDraft record) {
        reserve(blocksWith(record));
        int at = dataEnd;
        record.writeTo(blocks, at);
        directory.add(record);
        dataEnd += record.length();
        records++;
        return at;
    }

    /**
     * Completes the batch for its place.
     *
     * @return its blocks, to be written there; valid until {@link #next}
     */
    ByteBuffer seal(Segment segment, int firstBlock, long number, BatchPlace previous) {
        int count = blocks(dataEnd, directory.bytes());
        BatchHead batch =
                new BatchHead(
                        count,
                        segment.sequence(),
                        number,
                        previous,
                        records,
                        dataEnd - BatchHead.BYTES,
                        directory.echoBytes(),
                        directory.bytes());
        batch.putTo(head.clear());
        blocks.put(0, head.flip());
        ByteBuffer ending = directory.withFoot(batch);
        int endingAt = count * Blocks.DATA_BYTES - ending.remaining();
        blocks.putZeros(dataEnd, endingAt);
        blocks.put(endingAt, ending);
        for (int i = 0; i < count; i++) {
            blocks.seal(i, segment.generation(), firstBlock + i, count - 1 - i, i == 0);
        }
        return blocks.first(count);
    }

    /** Begins the next batch. */
    void next() {
        directory.next();
        dataEnd = BatchHead.BYTES;
        records = 0;
        if (blocks.count() > MOST_KEPT_BLOCKS) {
            blocks = Blocks.direct(FIRST_BLOCKS);
        }
    }

    private void reserve(int count) {
        if (count > blocks.count()) {
            Blocks larger = Blocks.direct(Math.max(count, 2 * blocks.count()));
            ByteBuffer filled = blocks.first(Math.min(Blocks.needed(dataEnd), blocks.count()));
            larger.first(larger.count()).put(filled);
            blocks = larger;
        }
    }
}
