package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.StorageException;

/**
 * The bytes of a snapshot, the same on every disk and on the wire; big-endian.
 *
 * <pre>
 *   head   0  8 bytes "LOCKSTSN"
 *          8  u32     format version, 1
 *         12  u32     bytes of the head
 *         16  u64     term, u64 index: the last entry whose effects are in it
 *         32  u64     index of the configuration's entry, 0 for the founding's
 *         40  u64     at least the timestamp of every entry up to there
 *         48  u8      1 when the application's state is by reference, not in it; else 0
 *         49  u8 + n  name of the group, ASCII
 *             u32 + n membership, as MembershipFormat writes it
 *             u32     CRC-32C of the head before this field
 *   frames    u8      section
 *             u32     bytes, 1 to 65536
 *             n       bytes
 *             u32     CRC-32C of the frame before this field
 *   end       u8      0
 *             u64     bytes of the file
 *             u32     CRC-32C of the file before this field
 * </pre>
 *
 * The frames of a section, one behind the other, are its bytes; sections come in ascending order,
 * and an empty one has no frames. Each frame is checked before any of its bytes are handed out.
 */
final class SnapshotFormat {
    static final long MAGIC = 0x4c4f434b5354534eL;
    static final int VERSION = 1;
    static final int HEAD_SIZE_AT = 12;
    static final int HEAD_FIXED_BYTES = 16;
    static final int MOST_HEAD_BYTES = 1 << 20;
    static final int FRAME_HEAD_BYTES = 5;
    static final int MOST_FRAME_BYTES = 1 << 16;
    static final int END = 0;
    static final int END_BYTES = 1 + Long.BYTES + Integer.BYTES;

    private SnapshotFormat() {}

    static StorageException damaged(String where, String what) {
        return new StorageException(
                new Fault(
                        Fault.Code.SNAPSHOT_CORRUPT,
                        where + ": " + what + ". It was whole when it was published."));
    }
}
