package dev.lockstep.raft.storage;

import java.nio.ByteBuffer;

/**
 * What every record begins with, and what the batch's directory repeats of it.
 *
 * <pre>
 *   0  u32  length of the whole record
 *   4  u32  CRC-32C over the record without this field
 *   8  u8   kind
 *   9  u64  group key
 *  17  u64  term
 *  25  u64  index
 *  33       body
 * </pre>
 *
 * The checksum doesn't cover the place, since the blocks' checksums do: so it is the same on every
 * host that holds this entry, and a peer's copy can be compared with a damaged one.
 *
 * @param length bytes of the whole record
 * @param checksum CRC-32C of the record
 * @param kind what the body says
 * @param group the group's key; 0 where no group is meant
 * @param term of an entry or hard state; of the last entry in a replica record; else 0
 * @param index of an entry; the first dropped one of a truncation; the last entry's in a replica
 *     record; the number of replicas at a checkpoint's end; else 0
 */
record RecordHead(int length, int checksum, RecordKind kind, long group, long term, long index) {
    static final int BYTES = 33;
    static final int CHECKSUM_AT = 4;
    static final int KIND_AT = 8;

    /** As the record's own, which is slow, for what is compared with each record of the log. */
    boolean isSame(RecordHead other) {
        return checksum == other.checksum
                && index == other.index
                && length == other.length
                && kind == other.kind
                && group == other.group
                && term == other.term;
    }

    /** Reads a head at the buffer's position and moves behind it. */
    static RecordHead read(ByteBuffer from) throws Damage {
        int length = from.getInt();
        int checksum = from.getInt();
        RecordKind kind = RecordKind.ofCode(from.get());
        return new RecordHead(
                length, checksum, kind, from.getLong(), from.getLong(), from.getLong());
    }
}
