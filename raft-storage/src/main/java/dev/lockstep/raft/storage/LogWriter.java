package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Founding;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/**
 * Gathers records into a batch, makes the batch durable with one write and one sync, and goes from
 * one segment to the next. A batch is written only after the sync of the one before returned: so an
 * intact batch proves that everything before it was synced, which recovery relies on.
 */
final class LogWriter {
    private static final int MOST_BATCH_BLOCKS = (4 << 20) / Blocks.BYTES;

    /** One part of so many of a segment is for all but entries, until the next segment is there. */
    private static final int RESERVED_PART = 4;

    /** Head, echo, foot and the unused rests of two blocks. */
    private static final int BATCH_OVERHEAD_BYTES =
            BatchHead.BYTES
                    + BatchDirectory.MOST_ECHOED_BYTES
                    + BatchHead.FOOT_BYTES
                    + 2 * Blocks.DATA_BYTES;

    /** The most that the directory says of one record. */
    private static final int DIRECTORY_BYTES = 37;

    private final Replicas replicas;
    private final Segments segments;
    private final SegmentSupply supply;
    private final BatchBuffer batch;

    /** A batch is flushed when it would grow beyond this, unless it is one large record. */
    private int mostBatchBlocks = MOST_BATCH_BLOCKS;

    private final RecordDraft repeated = new RecordDraft();
    private final List<EntryIndex> unsynced = new ArrayList<>();
    private Segment segment;
    private int nextBlock;
    private long nextNumber;
    private BatchPlace previous;

    /** The batch as it is to be written, when there was no room for it yet. */
    private @Nullable ByteBuffer sealed;

    private @Nullable DiskFullException full;

    /** Segments that begin with a whole checkpoint. */
    private final NavigableSet<Long> checkpoints;

    LogWriter(Recovery recovery, Segments segments, SegmentSupply supply) {
        this.replicas = recovery.replicas();
        this.segments = segments;
        this.supply = supply;
        this.batch = new BatchBuffer(recovery.lastDirectory(), recovery.nextBlock());
        this.segment = recovery.current();
        this.nextBlock = recovery.nextBlock();
        this.nextNumber = recovery.nextBatchNumber();
        this.previous = recovery.lastBatch();
        this.checkpoints = recovery.checkpoints();
    }

    /**
     * Adds a record behind all others. The batch before it may be flushed.
     *
     * @return its {@link Place}
     */
    long write(RecordDraft record) throws IOException {
        if (!fits(record) || sealed != null) {
            flush();
            if (!fits(record)) {
                roll(record.length());
                makeRoom(record);
            }
        }
        return put(record);
    }

    /**
     * Adds the record of an entry. The last part of a segment is the reserve, which holds all but
     * entries while the next segment can't be made.
     *
     * @return its {@link Place}
     * @throws DiskFullException when it would take of the reserve, and nothing of it was taken
     */
    long writeEntry(RecordDraft record) throws IOException {
        if (nextBlock + batch.blocksWith(record) > segment.blocks() - reserveBlocks()) {
            if (!supply.hasNext()) {
                flush(); // which begins to make it, unless nothing was ever written here
            }
            supply.awaitNext();
        }
        return write(record);
    }

    private int reserveBlocks() {
        return supply.ordinaryBlocks() / RESERVED_PART;
    }

    /** Why the last write came to nothing, which is tried again; null when it didn't. */
    @Nullable DiskFullException full() {
        return full;
    }

    /** Remembers an index with entries that are readable from memory until they are synced. */
    void awaitSync(EntryIndex index) {
        unsynced.add(index);
    }

    /**
     * Returns once all records are durable.
     *
     * @throws DiskFullException when there was no room to write them. Some of their blocks may be
     *     written, so they stay as they are: the next call writes the same to the same place, and
     *     whatever a crash keeps of both is a torn batch or this one
     */
    void flush() throws IOException {
        if (batch.isEmpty()) {
            return;
        }
        ByteBuffer blocks = sealed;
        if (blocks == null) {
            blocks = batch.seal(segment, nextNumber, previous);
            sealed = blocks;
        }
        int count = blocks.remaining() / Blocks.BYTES;
        try {
            segment.file().write(blocks.duplicate(), (long) nextBlock * Blocks.BYTES);
        } catch (DiskFullException e) {
            full = e;
            throw e;
        }
        segment.file().sync();
        full = null;
        sealed = null;
        previous = new BatchPlace(segment.sequence(), nextBlock);
        nextNumber++;
        nextBlock += count;
        batch.next(nextBlock);
        for (EntryIndex index : unsynced) {
            index.synced();
        }
        unsynced.clear();
        // Not before this segment's first batch is durable, so that at most one segment is ever
        // without any.
        supply.prepare(segment.sequence() + 1);
    }

    /**
     * The first segment that is still needed when all is durable: it holds the oldest entry that is
     * kept, or one before that, and begins with a checkpoint, so it needs no other before it.
     */
    long firstNeeded() {
        Long first = checkpoints.floor(replicas.live().first(segment.sequence()));
        return first == null ? 1 : first;
    }

    /**
     * Goes to the next segment whatever room is left, and returns once its checkpoint is durable.
     */
    void beginSegment() throws IOException {
        flush();
        roll(0);
        flush();
    }

    /** For tests, which can't have as many groups as fill two batches otherwise. */
    void limitBatches(int blocks) {
        mostBatchBlocks = blocks;
    }

    /** The one that is written to. */
    Segment segment() {
        return segment;
    }

    private boolean fits(RecordDraft record) {
        int blocks = batch.blocksWith(record);
        return blocks <= segment.blocks() - nextBlock
                && (batch.isEmpty() || blocks <= mostBatchBlocks);
    }

    private long put(RecordDraft record) {
        int at = batch.add(record);
        return Place.of(segment.sequence(), nextBlock * Blocks.DATA_BYTES + at);
    }

    /**
     * Goes to the next segment, which begins with all replicas' present state, so that no segment
     * but those with live entries is needed to know it.
     */
    private void roll(int recordBytes) throws IOException {
        assert batch.isEmpty() : "a batch belongs to one segment";
        segment = supply.take(segment.sequence() + 1, blocksFor(checkpointBytes(), recordBytes));
        segments.add(segment);
        nextBlock = 1;
        batch.beginAt(nextBlock);
        for (ReplicaLog replica : replicas.sorted()) {
            repeat(repeated.replica(replica));
            Founding founding = replica.founding();
            if (founding != null) {
                repeat(repeated.founding(replica.key(), founding));
            }
            if (replica.hardState().term() > 0) {
                repeat(repeated.hardState(replica.key(), replica.hardState()));
            }
        }
        for (long key : replicas.lost()) {
            repeat(repeated.lost(key, replicas.keptUpTo()));
        }
        repeat(repeated.checkpointEnd(replicas.size(), replicas.checkpointFlags()));
        checkpoints.add(segment.sequence());
    }

    private void repeat(RecordDraft record) throws IOException {
        makeRoom(record);
        put(record);
    }

    /** Flushes the batch if it would grow too large; the segment has room, it was made so. */
    private void makeRoom(RecordDraft record) throws IOException {
        if (!fits(record)) {
            try {
                flush();
            } catch (DiskFullException e) {
                // Its blocks were written before. To go on in the middle of a checkpoint isn't
                // worth its trouble where the disk forgets that.
                throw new IOException("in the middle of a checkpoint", e);
            }
        }
        assert fits(record) : segment.name() + " has no room for " + record.length() + " bytes";
    }

    private long checkpointBytes() {
        long record = (long) repeated.checkpointEnd(0, 0).length() + DIRECTORY_BYTES;
        long bytes = record * (1 + replicas.lost().size());
        for (ReplicaLog replica : replicas.sorted()) {
            bytes += repeated.replica(replica).length() + (long) DIRECTORY_BYTES;
            Founding founding = replica.founding();
            if (founding != null) {
                bytes += repeated.founding(replica.key(), founding).length() + DIRECTORY_BYTES;
            }
            bytes +=
                    repeated.hardState(replica.key(), replica.hardState()).length()
                            + DIRECTORY_BYTES;
        }
        return bytes;
    }

    /**
     * The blocks of a segment with room for a checkpoint and this record, not mostly checkpoint.
     */
    private int blocksFor(long checkpointBytes, int recordBytes) {
        int needed = 1 + blocks(checkpointBytes + recordBytes + DIRECTORY_BYTES);
        int ordinary = supply.ordinaryBlocks();
        boolean fits = needed <= ordinary && blocks(checkpointBytes) <= ordinary / 2;
        return fits ? ordinary : needed + ordinary;
    }

    private int blocks(long bytes) {
        long halfBatchBytes = mostBatchBlocks / 2L * Blocks.DATA_BYTES;
        long batches = 1 + 2 * (bytes / halfBatchBytes);
        return Math.toIntExact((bytes + batches * BATCH_OVERHEAD_BYTES) / Blocks.DATA_BYTES + 1);
    }
}
