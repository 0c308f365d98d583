package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.HostIdentity;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code peers}, replaced as a whole when a peer has started. Behind the envelope:
 *
 * <pre>
 *  20  u32      how many follow, at most 1,024, the one that changed least recently first
 *      u8 + n   node
 *      16 bytes incarnation of the host
 *      u64      boot
 *      u64      boot nonce
 * </pre>
 */
final class PeersFile {
    static final String NAME = "peers";
    static final String DAMAGED = "damaged-peers";

    private static final Logger LOG = LoggerFactory.getLogger(PeersFile.class);
    private static final int LARGEST_ENTRY_BYTES = 1 + 64 + 16 + 8 + 8;
    private static final int MOST_BYTES =
            WholeFile.ENVELOPE_BYTES + 4 + PeerTable.MOST * LARGEST_ENTRY_BYTES;

    private static final String WHAT_NOW =
            " No vote and no entry is lost by that. The next start keeps the file as "
                    + DAMAGED
                    + " and begins it anew; until this host has seen a peer start from its right directory, it doesn't"
                    + " notice when that is replaced by an older copy.";

    private static final WholeFile FILE =
            new WholeFile(
                    NAME, 0x4c4f434b53545042L, 1, MOST_BYTES, "list of peers' starts", WHAT_NOW);

    private PeersFile() {}

    /**
     * @return empty when the directory has none
     * @throws StorageException when it is damaged or of another version
     */
    static PeerTable read(Disk disk, ClusterId cluster) throws IOException {
        if (!FILE.isIn(disk)) {
            return PeerTable.EMPTY;
        }
        ByteBuffer bytes = FILE.read(disk);
        try {
            int count = bytes.getInt();
            if (count < 0 || count > PeerTable.MOST) {
                throw new IllegalArgumentException("it has " + count + " entries");
            }
            List<HostIdentity> boots = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                NodeId node = NodeId.of(Bodies.name(bytes));
                boots.add(
                        new HostIdentity(
                                cluster,
                                node,
                                Bodies.uuid(bytes),
                                bytes.getLong(),
                                bytes.getLong()));
            }
            if (bytes.hasRemaining()) {
                throw new IllegalArgumentException("something follows its entries");
            }
            return new PeerTable(boots);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw FILE.corrupt(disk, bytes.position(), "the list makes no sense (" + e + ")");
        }
    }

    /**
     * The same at an open, where damage is no reason to refuse: with this file nothing is lost but
     * what it would have detected.
     *
     * @return null when it is damaged
     * @throws StorageException when it is of another version
     */
    static @Nullable PeerTable find(Disk disk, ClusterId cluster) throws IOException {
        try {
            return read(disk, cluster);
        } catch (IOException e) {
            if (e instanceof StorageException known
                    && known.fault().code() == Fault.Code.INCOMPATIBLE_VERSION) {
                throw e;
            }
            LOG.error("{} in {} can't be read, and is begun anew", NAME, disk, e);
            return null;
        }
    }

    static void setAside(Disk disk) throws IOException {
        disk.rename(NAME, DAMAGED);
        disk.syncDirectory();
    }

    static void removeLeftovers(Disk disk) throws IOException {
        FILE.removeAside(disk);
    }

    /** Makes it durable, in place of the one before. */
    static void write(Disk disk, PeerTable table) throws IOException {
        ByteBuffer bytes = FILE.begin();
        bytes.putInt(table.boots().size());
        for (HostIdentity seen : table.boots()) {
            Bodies.putName(bytes, seen.node().value());
            Bodies.putUuid(bytes, seen.incarnation());
            bytes.putLong(seen.boot()).putLong(seen.bootNonce());
        }
        FILE.replace(disk, bytes);
    }
}
