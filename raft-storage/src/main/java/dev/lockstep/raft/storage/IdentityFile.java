package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.HostIdentity;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code identity}, replaced as a whole at each open. Behind the envelope:
 *
 * <pre>
 *  20  u64      boot; 0 until the first segment is durable
 *  28  u64      boot nonce
 *  36  16 bytes incarnation of the host
 *  52  u8 + n   cluster
 *      u8 + n   node
 * </pre>
 */
final class IdentityFile {
    static final String NAME = "identity";
    static final int FORMAT_VERSION = 1;

    private static final WholeFile FILE =
            new WholeFile(
                    NAME,
                    0x4c4f434b53544944L,
                    FORMAT_VERSION,
                    4096,
                    "identity of a host",
                    Refusal.WHAT_NOW);

    private IdentityFile() {}

    /**
     * @return null when the directory has none
     * @throws StorageException when it is damaged or of another version
     */
    static @Nullable HostIdentity read(Disk disk) throws IOException {
        if (!FILE.isIn(disk)) {
            return null;
        }
        ByteBuffer bytes = FILE.read(disk);
        try {
            long boot = bytes.getLong();
            long nonce = bytes.getLong();
            UUID incarnation = Bodies.uuid(bytes);
            ClusterId cluster = new ClusterId(Bodies.name(bytes));
            NodeId node = NodeId.of(Bodies.name(bytes));
            return new HostIdentity(cluster, node, incarnation, boot, nonce);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw FILE.corrupt(disk, bytes.position(), "the identity makes no sense (" + e + ")");
        }
    }

    /** Makes it durable, in place of the one before. */
    static void write(Disk disk, HostIdentity identity) throws IOException {
        ByteBuffer bytes = FILE.begin();
        bytes.putLong(identity.boot()).putLong(identity.bootNonce());
        Bodies.putUuid(bytes, identity.incarnation());
        Bodies.putName(bytes, identity.cluster().value());
        Bodies.putName(bytes, identity.node().value());
        FILE.replace(disk, bytes);
    }
}
