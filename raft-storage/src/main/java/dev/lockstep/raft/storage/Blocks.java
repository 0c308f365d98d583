package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Payload;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A buffer of whole blocks. A block is one sector, the unit that a disk writes as a whole or not at
 * all:
 *
 * <pre>
 *   0  u64  generation of the segment's present use
 *   8  u32  CRC-32C over all 512 bytes, taken while this field holds the block's number in the file
 *  12  u32  bit 31: a batch begins here; bits 0 to 30: how many blocks of the batch follow
 *  16       496 bytes of data
 * </pre>
 *
 * The checksum covers generation and place, so a block that was never written, one that was, one
 * left over from an earlier use, one that was written to the wrong place and one that rotted can be
 * told apart.
 */
final class Blocks {
    static final int BYTES = 512;
    static final int HEAD_BYTES = 16;
    static final int DATA_BYTES = BYTES - HEAD_BYTES;

    private static final int CHECKSUM_AT = 8;
    private static final int ORDER_AT = 12;
    private static final int FIRST = 1 << 31;
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(BYTES).asReadOnlyBuffer();

    /** What a block's bytes say of its past. */
    enum State {
        /** Not written in this generation: all zeros, or whole and of another generation. */
        BLANK,
        /** Written in this generation, and still as it was written. */
        INTACT,
        /**
         * Neither: a disk doesn't write parts of a sector, so these bytes changed after they were
         * written.
         */
        ROTTEN
    }

    private final ByteBuffer bytes;
    private final ByteBuffer window;
    private final CRC32C crc = new CRC32C();

    /**
     * @param bytes whole blocks, from position 0 to its capacity
     */
    Blocks(ByteBuffer bytes) {
        this.bytes = bytes;
        this.window = bytes.duplicate();
    }

    static Blocks direct(int count) {
        return new Blocks(ByteBuffer.allocateDirect(count * BYTES));
    }

    /** In memory that suits direct writes from the beginning of a file on. */
    static Blocks aligned(int count) {
        int unit = DirectChannel.MOST_UNIT_BYTES;
        int bytes = count * BYTES;
        ByteBuffer memory = ByteBuffer.allocateDirect(bytes + 2 * unit).alignedSlice(unit);
        return new Blocks(memory.slice(0, bytes));
    }

    /** How many blocks the buffer has room for. */
    int count() {
        return bytes.capacity() / BYTES;
    }

    /** The first {@code count} blocks, for a read or write. */
    ByteBuffer first(int count) {
        return bytes.duplicate().clear().limit(count * BYTES);
    }

    /** How many blocks {@code dataBytes} fill. */
    static int needed(int dataBytes) {
        return (dataBytes + DATA_BYTES - 1) / DATA_BYTES;
    }

    /** Where in a file the data byte {@code dataAt} stands, counted from the data of block 0. */
    static long fileOffset(long dataAt) {
        return dataAt / DATA_BYTES * BYTES + HEAD_BYTES + dataAt % DATA_BYTES;
    }

    void put(int dataAt, ByteBuffer source) {
        int at = dataAt;
        while (source.hasRemaining()) {
            int part = Math.min(source.remaining(), DATA_BYTES - at % DATA_BYTES);
            bytes.put(bufferOffset(at), source, source.position(), part);
            source.position(source.position() + part);
            at += part;
        }
    }

    void put(int dataAt, Payload source) {
        int at = dataAt;
        for (int from = 0; from < source.size(); ) {
            int part = Math.min(source.size() - from, DATA_BYTES - at % DATA_BYTES);
            source.writeTo(bytes, bufferOffset(at), from, part);
            from += part;
            at += part;
        }
    }

    void putZeros(int dataAt, int dataUntil) {
        for (int at = dataAt; at < dataUntil; ) {
            int part = Math.min(dataUntil - at, DATA_BYTES - at % DATA_BYTES);
            bytes.put(bufferOffset(at), ZEROS, 0, part);
            at += part;
        }
    }

    void get(int dataAt, byte[] target, int from, int length) {
        int at = dataAt;
        for (int done = 0; done < length; ) {
            int part = Math.min(length - done, DATA_BYTES - at % DATA_BYTES);
            bytes.get(bufferOffset(at), target, from + done, part);
            done += part;
            at += part;
        }
    }

    /**
     * Completes a block whose data is in place.
     *
     * @param at the block's place in this buffer
     * @param number its place in the file
     * @param following how many blocks of its batch come after it
     */
    void seal(int at, long generation, int number, int following, boolean first) {
        int offset = at * BYTES;
        bytes.putLong(offset, generation);
        bytes.putInt(offset + CHECKSUM_AT, number);
        bytes.putInt(offset + ORDER_AT, first ? following | FIRST : following);
        bytes.putInt(offset + CHECKSUM_AT, checksum(offset));
    }

    /**
     * @param at the block's place in this buffer
     * @param number its place in the file
     */
    State state(int at, long generation, int number) {
        int offset = at * BYTES;
        long stamp = bytes.getLong(offset);
        if (stamp == 0 && isZero(offset)) {
            return State.BLANK;
        }
        int claimed = bytes.getInt(offset + CHECKSUM_AT);
        bytes.putInt(offset + CHECKSUM_AT, number);
        int actual = checksum(offset);
        bytes.putInt(offset + CHECKSUM_AT, claimed);
        if (actual != claimed) {
            return State.ROTTEN;
        }
        return stamp == generation ? State.INTACT : State.BLANK;
    }

    /** Makes a block of this buffer look never written. */
    void wipe(int at) {
        bytes.put(at * BYTES, ZEROS, 0, BYTES);
    }

    long generation(int at) {
        return bytes.getLong(at * BYTES);
    }

    boolean beginsBatch(int at) {
        return (bytes.getInt(at * BYTES + ORDER_AT) & FIRST) != 0;
    }

    int following(int at) {
        return bytes.getInt(at * BYTES + ORDER_AT) & ~FIRST;
    }

    /** Puts the data of one block behind what the target holds. */
    void dataTo(int at, ByteBuffer target) {
        int behind = target.position();
        target.put(behind, bytes, at * BYTES + HEAD_BYTES, DATA_BYTES);
        target.position(behind + DATA_BYTES);
    }

    private static int bufferOffset(int dataAt) {
        return dataAt / DATA_BYTES * BYTES + HEAD_BYTES + dataAt % DATA_BYTES;
    }

    private boolean isZero(int offset) {
        window.clear().position(offset).limit(offset + BYTES);
        return window.mismatch(ZEROS) < 0;
    }

    private int checksum(int offset) {
        crc.reset();
        window.clear().position(offset).limit(offset + BYTES);
        crc.update(window);
        return (int) crc.getValue();
    }
}
