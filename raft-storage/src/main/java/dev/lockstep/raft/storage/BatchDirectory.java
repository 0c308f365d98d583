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
 * <p>Entries form a run when group and term are the same and each index is one more; any other
 * record is a run of its own. A damaged record's group, kind, position and checksum are known from
 * here.
 *
 * <p>A sector rots as a whole, so a second place in the same block would be none: a directory of up
 * to 2 KiB is echoed in the next batch, and a larger one begins in a block of its own.
 */
final class BatchDirectory {
    private static final int RUN_BYTES = 29;
    private static final int RUN_COUNT_AT = 25;
    private static final int RECORD_BYTES = 8;
    static final int MOST_ECHOED_BYTES = 2 << 10;

    private ByteBuffer bytes = ByteBuffer.allocate(1 << 12);
    private int echoBytes;
    private int runAt = -1;
    private int runCount;
    private long runGroup;
    private long runTerm;
    private long nextIndex;

    /**
     * @param echo the directory of the batch before, if it is to be repeated; else empty
     */
    BatchDirectory(ByteBuffer echo) {
        bytes.put(echo);
        echoBytes = bytes.position();
    }

    /** Whether a directory of this size is repeated in the next batch. */
    static boolean isEchoed(int directoryBytes) {
        return directoryBytes <= MOST_ECHOED_BYTES;
    }

    /** Its size when this record is added. */
    int bytesWith(RecordDraft record) {
        return bytes() + RECORD_BYTES + (continuesRun(record) ? 0 : RUN_BYTES);
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

    /** The ending of a batch: echo, directory and foot, to be read once. */
    ByteBuffer withFoot(BatchHead batch) {
        reserve(BatchHead.FOOT_BYTES);
        ByteBuffer ending = bytes.duplicate();
        batch.putFootTo(ending);
        return ending.flip();
    }

    /** Its size, without the echo before it. */
    int bytes() {
        return bytes.position() - echoBytes;
    }

    int echoBytes() {
        return echoBytes;
    }

    /** Begins the next batch's, with this one as its echo. */
    void next() {
        if (isEchoed(bytes())) {
            bytes.flip().position(echoBytes);
            bytes.compact();
        } else {
            bytes.clear();
        }
        echoBytes = bytes.position();
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
