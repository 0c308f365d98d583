package dev.lockstep.raft.storage;

import java.nio.ByteBuffer;

/**
 * The batch that is being filled, laid out in blocks as it will stand on the disk: head, records,
 * zeros, and the directory with the foot right-aligned at the end of the last block.
 */
final class BatchBuffer {
    private static final int FIRST_BLOCKS = 256;

    /** A buffer that one large record needed is not kept. */
    private static final int MOST_KEPT_BLOCKS = (16 << 20) / Blocks.BYTES;

    private Blocks blocks = Blocks.direct(FIRST_BLOCKS);
    private final ByteBuffer head = ByteBuffer.allocate(BatchHead.BYTES);
    private final BatchDirectory directory = new BatchDirectory();
    private int dataEnd = BatchHead.BYTES;
    private int records;

    boolean isEmpty() {
        return records == 0;
    }

    /** How many blocks the batch would fill with this record in it. */
    int blocksWith(RecordDraft record) {
        return Blocks.needed(
                dataEnd + record.length() + directory.bytesWith(record) + BatchHead.FOOT_BYTES);
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
     * @return its blocks, to be written there; valid until {@link #clear}
     */
    ByteBuffer seal(Segment segment, int firstBlock, long number, BatchPlace previous) {
        int directoryBytes = directory.size();
        int footed = directoryBytes + BatchHead.FOOT_BYTES;
        int count = Blocks.needed(dataEnd + footed);
        BatchHead batch =
                new BatchHead(
                        count,
                        segment.sequence(),
                        number,
                        previous,
                        records,
                        dataEnd - BatchHead.BYTES,
                        directoryBytes);
        batch.putTo(head.clear());
        blocks.put(0, head.flip());
        int directoryAt = count * Blocks.DATA_BYTES - footed;
        blocks.putZeros(dataEnd, directoryAt);
        ByteBuffer end = directory.withRoomForFoot();
        batch.putFootTo(end, 0);
        blocks.put(directoryAt, end.flip());
        for (int i = 0; i < count; i++) {
            blocks.seal(i, segment.generation(), firstBlock + i, count - 1 - i, i == 0);
        }
        return blocks.first(count);
    }

    void clear() {
        directory.clear();
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
