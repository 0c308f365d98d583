package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.UUID;

/**
 * What a backup's head says. A backup is one file, big-endian:
 *
 * <pre>
 *   8 bytes   "LOCKSTBK"
 *   u32       format version, 1
 *   u64       when it was made, in milliseconds since 1970
 *   name      cluster, then node, then group: each u16 length and that many bytes
 *   16 bytes  UUID of the group's founding
 *   u64       the latest term that the replica knew
 *   u64, u64  term and index of its last entry
 *   u32 + n   membership at its log's end, as MembershipFormat writes it
 *   u64       bytes of the snapshot, 0 for none
 *   u64       number of entries
 *             the snapshot's file, then the entries, each: u8 kind, u64 term, u64 index,
 *             u64 timestamp, u32 bytes, payload
 *   u64       bytes of the file
 *   u32       CRC-32C of the file before this field
 * </pre>
 *
 * @param madeMillis when it was made
 * @param cluster of the host that it was made from
 * @param node of the host that it was made from
 * @param founding the UUID of the group's founding
 * @param term the latest term that the replica knew
 * @param last the last entry's position
 * @param membership at the log's end
 * @param snapshotBytes the size of the snapshot; 0 when there is none
 * @param entries how many there are
 */
record Backup(
        long madeMillis,
        ClusterId cluster,
        NodeId node,
        GroupId group,
        UUID founding,
        long term,
        LogPosition last,
        Membership membership,
        long snapshotBytes,
        long entries) {
    static final long MAGIC = 0x4c4f434b5354424bL;
    static final int VERSION = 1;

    /** What follows the entries. */
    static final int END_BYTES = Long.BYTES + Integer.BYTES;

    private static final int MOST_MEMBERSHIP_BYTES = 1 << 20;

    void writeTo(DataOutputStream out) throws IOException {
        out.writeLong(MAGIC);
        out.writeInt(VERSION);
        out.writeLong(madeMillis);
        out.writeUTF(cluster.value());
        out.writeUTF(node.value());
        out.writeUTF(group.name());
        out.writeLong(founding.getMostSignificantBits());
        out.writeLong(founding.getLeastSignificantBits());
        out.writeLong(term);
        out.writeLong(last.term());
        out.writeLong(last.index());
        byte[] members = MembershipFormat.encode(membership).toByteArray();
        out.writeInt(members.length);
        out.write(members);
        out.writeLong(snapshotBytes);
        out.writeLong(entries);
    }

    /** Reads what {@link #writeTo} wrote, from a file whose checksum was found right. */
    static Backup readFrom(DataInputStream in) throws IOException {
        long unusedMagic = in.readLong();
        int version = in.readInt();
        if (version != VERSION) {
            throw new Refused(
                    "the backup is of format version "
                            + version
                            + "; this version of Lockstep reads "
                            + VERSION);
        }
        return new Backup(
                in.readLong(),
                new ClusterId(in.readUTF()),
                NodeId.of(in.readUTF()),
                GroupId.of(in.readUTF()),
                new UUID(in.readLong(), in.readLong()),
                in.readLong(),
                new LogPosition(in.readLong(), in.readLong()),
                membership(in),
                in.readLong(),
                in.readLong());
    }

    private static Membership membership(DataInputStream in) throws IOException {
        int size = in.readInt();
        if (size < 0 || size > MOST_MEMBERSHIP_BYTES) {
            throw new Refused("the backup makes no sense: a membership of " + size + " bytes");
        }
        return MembershipFormat.decode(Payload.wrap(in.readNBytes(size)));
    }
}
