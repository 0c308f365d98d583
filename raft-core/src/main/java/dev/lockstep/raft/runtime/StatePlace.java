package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Whose state a machine keeps, and how far it reaches: a note in every commit.
 *
 * <pre>
 *    0  u8   format version, 1
 *    1  u64  key of the group
 *    9  u128 incarnation of the replica
 *   25  u64  term, u64 index: the last entry whose effects are in the state
 *   41  u64  answers of all commands of sessions behind this index are in notes
 *   49  u32  CRC-32C of all before
 * </pre>
 *
 * @param reached the last entry whose effects are in the state
 * @param answersFrom the answers of all commands of sessions behind this index, up to {@code
 *     reached}, are in other notes
 */
record StatePlace(long groupKey, UUID incarnation, LogPosition reached, long answersFrom) {
    private static final byte FORMAT = 1;
    private static final int CHECKED_BYTES = 49;

    Payload encode() {
        ByteBuffer bytes = ByteBuffer.allocate(CHECKED_BYTES + Integer.BYTES);
        bytes.put(FORMAT).putLong(groupKey);
        bytes.putLong(incarnation.getMostSignificantBits());
        bytes.putLong(incarnation.getLeastSignificantBits());
        bytes.putLong(reached.term()).putLong(reached.index()).putLong(answersFrom);
        bytes.putInt(checksum(bytes.array()));
        return Payload.wrap(bytes.array());
    }

    /**
     * @throws IllegalArgumentException for other bytes
     */
    static StatePlace decode(Payload encoded) {
        ByteBuffer bytes = ByteBuffer.wrap(encoded.toByteArray());
        if (bytes.capacity() != CHECKED_BYTES + Integer.BYTES
                || bytes.getInt(CHECKED_BYTES) != checksum(bytes.array())) {
            throw new IllegalArgumentException("it fails its checksum");
        }
        byte format = bytes.get();
        if (format != FORMAT) {
            throw new IllegalArgumentException("it is of format " + format + ", known is 1");
        }
        return new StatePlace(
                bytes.getLong(),
                new UUID(bytes.getLong(), bytes.getLong()),
                new LogPosition(bytes.getLong(), bytes.getLong()),
                bytes.getLong());
    }

    private static int checksum(byte[] bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, CHECKED_BYTES);
        return (int) checksum.getValue();
    }
}
