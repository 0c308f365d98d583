package dev.lockstep.raft.storage;

import java.nio.ByteBuffer;

/**
 * The batch that is being filled, laid out in blocks as it will stand on the disk: head, records,
 * zeros, and right-aligned at the end of the last block the directory of the batch before, that of
 * this one, and the foot. Blocks are aligned in memory as they will be in the file, for {@link
 * DirectChannel}.
 */
final class BatchBuffer {
    private static final int FIRST_BLOCKS = 256;

    /** A buffer that one large record needed is not kept. */
    private static final int MOST_KEPT_BLOCKS = (16 << 20) / Blocks.BYTES;

    private static final int UNIT_BYTES = DirectChannel.MOST_UNIT_BYTES;
    private static final int UNIT_BLOCKS = UNIT_BYTES / Blocks.BYTES;

    private ByteBuffer memory = allocate(FIRST_BLOCKS);
    private Blocks blocks;
    private int firstBlock;
    private final ByteBuffer head = ByteBuffer.allocate(BatchHead.BYTES);
    private final BatchDirectory directory;
    private int dataEnd = BatchHead.BYTES;
    private int records;

    /**
     * @param lastDirectory what the first batch repeats of the last one that was recovered
     * @param firstBlock the number of the block where it will begin
     */
    BatchBuffer(ByteBuffer lastDirectory, int firstBlock) {
        this.directory = new BatchDirectory(lastDirectory);
        this.firstBlock = firstBlock;
        this.blocks = blocks();
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
    ByteBuffer seal(Segment segment, long number, BatchPlace previous) {
        int count = wholeUnits(blocks(dataEnd, directory.bytes()), segment);
        reserve(count);
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

    /**
     * A large batch fills its last unit. Part of a unit would go through the page cache, which must
     * read the other part first, and so would the beginning of the next batch.
     */
    private int wholeUnits(int count, Segment segment) {
        int end = (firstBlock + count + UNIT_BLOCKS - 1) / UNIT_BLOCKS * UNIT_BLOCKS;
        boolean suits =
                count * Blocks.BYTES >= DirectChannel.LEAST_BYTES && end <= segment.blocks();
        return suits ? end - firstBlock : count;
    }

    /** Begins the next batch, at this block. */
    void next(int block) {
        directory.next();
        dataEnd = BatchHead.BYTES;
        records = 0;
        if (blocks.count() > MOST_KEPT_BLOCKS) {
            memory = allocate(FIRST_BLOCKS);
        }
        beginAt(block);
    }

    /** Moves the batch, which is empty. */
    void beginAt(int block) {
        assert isEmpty() : "records know where they are";
        firstBlock = block;
        blocks = blocks();
    }

    private void reserve(int count) {
        if (count > blocks.count()) {
            ByteBuffer filled = blocks.first(Math.min(Blocks.needed(dataEnd), blocks.count()));
            memory = allocate(Math.max(count, 2 * blocks.count()));
            blocks = blocks();
            blocks.first(blocks.count()).put(filled);
        }
    }

    /** Memory for so many blocks, wherever in a unit of the file they begin. */
    private static ByteBuffer allocate(int count) {
        int bytes = (count * Blocks.BYTES + UNIT_BYTES - 1) / UNIT_BYTES * UNIT_BYTES + UNIT_BYTES;
        return ByteBuffer.allocateDirect(bytes + UNIT_BYTES).alignedSlice(UNIT_BYTES);
    }

    private Blocks blocks() {
        int from = firstBlock * Blocks.BYTES % UNIT_BYTES;
        return new Blocks(memory.slice(from, memory.capacity() - UNIT_BYTES));
    }
}
