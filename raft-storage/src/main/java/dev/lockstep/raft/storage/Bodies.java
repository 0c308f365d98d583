package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** How the model's values are laid out in record bodies and in the identity file. */
final class Bodies {
    private Bodies() {}

    static void putUuid(ByteBuffer to, UUID uuid) {
        to.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
    }

    static UUID uuid(ByteBuffer from) {
        return new UUID(from.getLong(), from.getLong());
    }

    /** u8 length, then the name; names are ASCII by their own rule. */
    static void putName(ByteBuffer to, String name) {
        byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
        to.put((byte) ascii.length).put(ascii);
    }

    static String name(ByteBuffer from) {
        byte[] ascii = new byte[from.get() & 0xff];
        from.get(ascii);
        return new String(ascii, StandardCharsets.US_ASCII);
    }

    static void putPosition(ByteBuffer to, LogPosition position) {
        to.putLong(position.term()).putLong(position.index());
    }

    static LogPosition position(ByteBuffer from) {
        return new LogPosition(from.getLong(), from.getLong());
    }

    /** u8 0 or 1, then the replica that got the vote. */
    static void putVote(ByteBuffer to, @Nullable ReplicaId vote) {
        to.put((byte) (vote == null ? 0 : 1));
        if (vote != null) {
            putReplica(to, vote);
        }
    }

    static @Nullable ReplicaId vote(ByteBuffer from) {
        return flag(from) ? replica(from) : null;
    }

    static int foundingBytes(Founding founding) {
        return 16 + 1 + MembershipFormat.encode(founding.initial()).size();
    }

    static void putFounding(ByteBuffer to, Founding founding) {
        putUuid(to, founding.uuid());
        to.put((byte) (founding.complete() ? 1 : 0));
        MembershipFormat.encode(founding.initial()).writeTo(to);
    }

    static Founding founding(ByteBuffer from) {
        UUID uuid = uuid(from);
        boolean complete = flag(from);
        byte[] initial = new byte[from.remaining()];
        from.get(initial);
        return new Founding(uuid, MembershipFormat.decode(Payload.wrap(initial)), complete);
    }

    private static boolean flag(ByteBuffer from) {
        byte value = from.get();
        if (value != 0 && value != 1) {
            throw new IllegalArgumentException("a flag must be 0 or 1: " + value);
        }
        return value == 1;
    }

    private static void putReplica(ByteBuffer to, ReplicaId replica) {
        putName(to, replica.node().value());
        putUuid(to, replica.incarnation());
    }

    private static ReplicaId replica(ByteBuffer from) {
        return new ReplicaId(NodeId.of(name(from)), uuid(from));
    }
}
