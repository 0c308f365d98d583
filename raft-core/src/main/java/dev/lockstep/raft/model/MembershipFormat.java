package dev.lockstep.raft.model;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The bytes of a membership: the payload of an entry of kind {@link EntryKind#CONFIGURATION}, the
 * same on disk, on the wire and in snapshots, so they never change but by a new first byte.
 *
 * <pre>
 *   u8 1 | voters | outgoing | learners | joining
 *   each list:    u16 count, then the replicas
 *   each replica: u8 length, the node's name in ASCII, 16 bytes incarnation
 * </pre>
 */
public final class MembershipFormat {
    private static final byte VERSION = 1;
    private static final int INCARNATION_BYTES = 16;

    private MembershipFormat() {}

    public static Payload encode(Membership membership) {
        ByteBuffer bytes = ByteBuffer.allocate(sizeBytes(membership));
        bytes.put(VERSION);
        for (List<ReplicaId> list : lists(membership)) {
            bytes.putShort((short) list.size());
            for (ReplicaId replica : list) {
                byte[] name = replica.node().value().getBytes(StandardCharsets.US_ASCII);
                bytes.put((byte) name.length).put(name);
                bytes.putLong(replica.incarnation().getMostSignificantBits());
                bytes.putLong(replica.incarnation().getLeastSignificantBits());
            }
        }
        return Payload.wrap(bytes.array());
    }

    /**
     * @throws IllegalArgumentException when the bytes are no membership that this version knows
     */
    public static Membership decode(Payload payload) {
        ByteBuffer bytes = payload.asByteBuffer();
        try {
            byte version = bytes.get();
            if (version != VERSION) {
                throw new IllegalArgumentException(
                        "a membership of format " + version + " is unknown to this version");
            }
            Membership membership =
                    new Membership(
                            replicas(bytes), replicas(bytes), replicas(bytes), replicas(bytes));
            if (bytes.hasRemaining()) {
                throw new IllegalArgumentException(
                        bytes.remaining() + " bytes follow a membership");
            }
            return membership;
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("a membership ends too early", e);
        }
    }

    private static int sizeBytes(Membership membership) {
        int size = 1;
        for (List<ReplicaId> list : lists(membership)) {
            size += Short.BYTES;
            for (ReplicaId replica : list) {
                size += 1 + replica.node().value().length() + INCARNATION_BYTES;
            }
        }
        return size;
    }

    private static List<List<ReplicaId>> lists(Membership membership) {
        return List.of(
                membership.voters(),
                membership.outgoing(),
                membership.learners(),
                membership.joining());
    }

    private static List<ReplicaId> replicas(ByteBuffer bytes) {
        List<ReplicaId> replicas = new ArrayList<>();
        for (int left = bytes.getShort() & 0xffff; left > 0; left--) {
            byte[] name = new byte[bytes.get() & 0xff];
            bytes.get(name);
            replicas.add(
                    new ReplicaId(
                            NodeId.of(new String(name, StandardCharsets.US_ASCII)),
                            new UUID(bytes.getLong(), bytes.getLong())));
        }
        return replicas;
    }
}
