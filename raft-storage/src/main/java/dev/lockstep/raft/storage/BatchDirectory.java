package dev.lockstep.raft.storage;

import java.nio.ByteBuffer;

/**
 * The second place that knows a batch's records: for each run of consecutive ones
 *
 * <pre>
 *   0  u64  group key
 *   8  u8   kind
 *   9  u64  term
 *  17  u64  index of the first
 *  25  u32  how many
 *  29       for each: u32 length, u32 CRC-32C
 * </pre>
 *
 * Entries form a run when group and term are the same and each index is one more; any other record
 * is a run of its own. A damaged record's group, kind, position and checksum are known from here.
 */
final class BatchDirectory {
    private static final int RUN_BYTES = 29;
    private static final int RUN_COUNT_AT = 25;
    private static final int RECORD_BYTES = 8;

    private ByteBuffer bytes = ByteBuffer.allocate(1 << 12);
    private int runAt = -1;
    private int runCount;
    private long runGroup;
    private long runTerm;
    private long nextIndex;

    /** Its size when this record is added. */
    int bytesWith(RecordDraft record) {
        return bytes.position() + RECORD_BYTES + (continuesRun(record) ? 0 : RUN_BYTES);
    }

    void add(RecordDraft record) {
        reserve(RUN_BYTES + RECORD_BYTES);
        if (!continuesRun(record)) {
            runAt = bytes.position();
            runCount = 0;
            bytes.putLong(record.group()).put(record.kind().code());
            bytes.putLong(record.term()).putLong(record.index()).putInt(0);
        }
        runCount++;
        bytes.putInt(runAt + RUN_COUNT_AT, runCount);
        bytes.putInt(record.length()).putInt(record.checksum());
        // No entry continues a run of another kind: an entry's index is at least 1, so this can't
        // be it.
        nextIndex = record.kind() == RecordKind.ENTRY ? record.index() + 1 : 0;
        runGroup = record.group();
        runTerm = record.term();
    }

    /** The directory and room for the foot, flipped by whoever has put that. */
    ByteBuffer withRoomForFoot() {
        reserve(BatchHead.FOOT_BYTES);
        return bytes;
    }

    int size() {
        return bytes.position();
    }

    void clear() {
        bytes.clear();
        runAt = -1;
        nextIndex = 0;
    }

    private boolean continuesRun(RecordDraft record) {
        return record.kind() == RecordKind.ENTRY
                && record.index() == nextIndex
                && record.term() == runTerm
                && record.group() == runGroup;
    }

    private void reserve(int size) {
        if (bytes.remaining() < size) {
            bytes = ByteBuffer.allocate(bytes.capacity() * 2).put(bytes.flip());
        }
    }

    /** Reads a directory record by record. */
    static final class Cursor {
        private final ByteBuffer bytes;
        private long group;
        private RecordKind kind = RecordKind.CHECKPOINT_END;
        private long term;
        private long index;
        private int left;

        Cursor(ByteBuffer bytes) {
            this.bytes = bytes;
        }

        boolean hasNext() {
            return left > 0 || bytes.hasRemaining();
        }

        /** What the directory says of the next record. */
        RecordHead next() throws Damage {
            if (left == 0) {
                group = bytes.getLong();
                kind = RecordKind.ofCode(bytes.get());
                term = bytes.getLong();
                index = bytes.getLong();
                left = bytes.getInt();
            }
            left--;
            return new RecordHead(bytes.getInt(), bytes.getInt(), kind, group, term, index++);
        }
    }
}
