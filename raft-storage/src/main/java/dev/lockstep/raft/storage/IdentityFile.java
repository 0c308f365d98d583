package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.HostIdentity;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code identity}, replaced as a whole at each open.
 *
 * <pre>
 *   0  8 bytes  "LOCKSTID"
 *   8  u32      format version
 *  12  u32      bytes of the file
 *  16  u32      CRC-32C over the file with zeros here
 *  20  u64      boot; 0 until the first segment is durable
 *  28  u64      boot nonce
 *  36  16 bytes incarnation of the host
 *  52  u8 + n   cluster
 *      u8 + n   node
 * </pre>
 *
 * The first 20 bytes stay as they are in every later version.
 */
final class IdentityFile {
    static final String NAME = "identity";
    static final String ASIDE = "identity.tmp";
    static final int FORMAT_VERSION = 1;

    private static final long MAGIC = 0x4c4f434b53544944L;
    private static final int MOST_BYTES = 4096;
    private static final int ENVELOPE_BYTES = 20;
    private static final int LENGTH_AT = 12;
    private static final int CHECKSUM_AT = 16;

    private IdentityFile() {}

    /**
     * @return null when the directory has none
     * @throws StorageException when it is damaged or of another version
     */
    static @Nullable HostIdentity read(Disk disk) throws IOException {
        if (!disk.list().contains(NAME)) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocate(MOST_BYTES);
        try (Disk.File file = disk.open(NAME)) {
            bytes.limit(file.read(bytes, 0)).position(0);
        }
        try {
            return decode(bytes, disk);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw Refusal.corrupt(
                    disk, NAME, bytes.position(), "the identity makes no sense (" + e + ")");
        }
    }

    /** Makes it durable, in place of the one before. */
    static void write(Disk disk, HostIdentity identity) throws IOException {
        if (disk.list().contains(ASIDE)) {
            disk.delete(ASIDE);
        }
        try (Disk.File file = disk.create(ASIDE)) {
            file.write(encode(identity), 0);
            file.sync();
        }
        disk.rename(ASIDE, NAME);
        disk.syncDirectory();
    }

    private static ByteBuffer encode(HostIdentity identity) {
        ByteBuffer bytes = ByteBuffer.allocate(MOST_BYTES);
        bytes.putLong(MAGIC).putInt(FORMAT_VERSION).putInt(0).putInt(0);
        bytes.putLong(identity.boot()).putLong(identity.bootNonce());
        Bodies.putUuid(bytes, identity.incarnation());
        Bodies.putName(bytes, identity.cluster().value());
        Bodies.putName(bytes, identity.node().value());
        bytes.flip();
        bytes.putInt(LENGTH_AT, bytes.limit());
        bytes.putInt(CHECKSUM_AT, checksum(bytes));
        return bytes;
    }

    private static HostIdentity decode(ByteBuffer bytes, Disk disk) throws StorageException {
        if (bytes.limit() < ENVELOPE_BYTES || bytes.getLong() != MAGIC) {
            throw Refusal.corrupt(disk, NAME, 0, "this is no identity of a host");
        }
        int version = bytes.getInt();
        int length = bytes.getInt();
        int claimed = bytes.getInt();
        bytes.putInt(CHECKSUM_AT, 0);
        if (length != bytes.limit() || checksum(bytes) != claimed) {
            throw Refusal.corrupt(disk, NAME, CHECKSUM_AT, "the identity fails its checksum");
        }
        if (version != FORMAT_VERSION) {
            throw new StorageException(
                    new Fault(
                            Fault.Code.INCOMPATIBLE_VERSION,
                            NAME
                                    + " in "
                                    + disk
                                    + " is of format version "
                                    + version
                                    + "; this version of Lockstep reads "
                                    + FORMAT_VERSION
                                    + ". Nothing was changed. Open it with the version that wrote it."));
        }
        long boot = bytes.getLong();
        long nonce = bytes.getLong();
        UUID incarnation = Bodies.uuid(bytes);
        ClusterId cluster = new ClusterId(Bodies.name(bytes));
        return new HostIdentity(cluster, NodeId.of(Bodies.name(bytes)), incarnation, boot, nonce);
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().position(0));
        return (int) crc.getValue();
    }
}
