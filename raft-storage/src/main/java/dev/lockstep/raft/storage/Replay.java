package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.StorageException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.NavigableSet;
import java.util.zip.CRC32C;

/** Walks through the records of batches, whole ones and what is left of others. */
final class Replay {
    private final Rebuilding rebuilding;
    private final CRC32C crc = new CRC32C();

    /**
     * @param firstSegment where the log begins; those before it were freed
     */
    Replay(NodeId node, Replicas replicas, long firstSegment) {
        this.rebuilding = new Rebuilding(node, replicas, firstSegment);
    }

    /** The segments that begin with a whole checkpoint. */
    NavigableSet<Long> checkpoints() {
        return rebuilding.checkpoints();
    }

    /** Whether the log ends in the midst of what a segment repeats from those before it. */
    boolean endsInCheckpoint() {
        return rebuilding.endsInCheckpoint();
    }

    /**
     * @param data the batch's data, all of it
     * @param atBlock where it begins in the segment
     */
    void batch(BatchHead batch, ByteBuffer data, Segment segment, int atBlock)
            throws Damage, StorageException {
        try {
            records(batch, data, segment, atBlock * Blocks.DATA_BYTES);
        } catch (BufferUnderflowException
                | IndexOutOfBoundsException
                | IllegalArgumentException e) {
            throw new Damage("a record of this batch makes no sense (" + e + ")");
        }
    }

    private void records(BatchHead batch, ByteBuffer data, Segment segment, int dataBase)
            throws Damage, StorageException {
        BatchDirectory.Cursor directory = new BatchDirectory.Cursor(batch.directory(data));
        int end = BatchHead.BYTES + batch.recordBytes();
        int at = BatchHead.BYTES;
        rebuilding.in(segment.sequence());
        for (int i = 0; i < batch.records(); i++) {
            ByteBuffer record = data.slice(at, end - at);
            RecordHead head = RecordHead.read(record);
            if (!head.isSame(directory.next())) {
                throw new Damage(
                        "record " + (i + 1) + " isn't what the batch's directory says: " + head);
            }
            if (head.checksum() != checksum(record.limit(head.length()))) {
                throw new Damage("record " + (i + 1) + " fails its checksum: " + head);
            }
            rebuilding.record(head, record, Place.of(segment.sequence(), dataBase + at));
            at += head.length();
        }
        if (at != end || directory.hasNext()) {
            throw new Damage(
                    "the batch has more than the " + batch.records() + " records that it counts");
        }
    }

    /**
     * A batch that isn't whole, whose directory is known: each record is as it was written, or lost
     * by name.
     *
     * @throws Damage when the records don't follow from what came before; some were taken
     */
    void salvaged(SalvagedBatch batch, ByteBuffer directory, Loss why)
            throws Damage, StorageException {
        long sequence = batch.segment().sequence();
        int dataBase = batch.from() * Blocks.DATA_BYTES;
        rebuilding.in(sequence);
        try {
            BatchDirectory.Cursor cursor = new BatchDirectory.Cursor(directory);
            int at = BatchHead.BYTES;
            while (cursor.hasNext()) {
                RecordHead head = cursor.next();
                ByteBuffer record = batch.bytes(at, head.length());
                if (record != null && isWhole(head, record)) {
                    rebuilding.record(head, record, Place.of(sequence, dataBase + at));
                } else {
                    rebuilding.lost(head, why);
                }
                at += head.length();
            }
        } catch (BufferUnderflowException
                | IndexOutOfBoundsException
                | IllegalArgumentException e) {
            throw new Damage("a record of this batch makes no sense (" + e + ")");
        }
    }

    /** Moves the record behind its head. */
    private boolean isWhole(RecordHead head, ByteBuffer record) throws Damage {
        return head.isSame(RecordHead.read(record)) && head.checksum() == checksum(record);
    }

    /** Nobody knows what was there, so all that is not said again later is in doubt. */
    void lostUnknown(Loss why, Segment segment) {
        rebuilding.in(segment.sequence());
        rebuilding.lostUnknown(why);
    }

    /** The same of whatever of all that stands before. */
    void lostUnknown(Loss why) {
        rebuilding.lostUnknown(why);
    }

    /**
     * At the end of the log: whatever is in doubt stays so.
     *
     * @return whether no more is lost than what was told before
     */
    boolean end(Loss beforeFirst) {
        return rebuilding.end(beforeFirst);
    }

    private int checksum(ByteBuffer record) {
        ByteBuffer bytes = record.duplicate().position(0);
        crc.reset();
        crc.update(bytes.limit(RecordHead.CHECKSUM_AT));
        crc.update(bytes.limit(record.limit()).position(RecordHead.KIND_AT));
        return (int) crc.getValue();
    }
}
