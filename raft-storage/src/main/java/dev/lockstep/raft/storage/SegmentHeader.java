package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * Block 0 of a segment, durable before the file gets its name. Its data:
 *
 * <pre>
 *   0  8 bytes  "LOCKSTWL"
 *   8  u32      format version
 *  12  u32      bytes of a block
 *  16  u64      the segment's sequence number, from 1
 *  24  u64      bytes of the file
 *  32  16 bytes incarnation of the host that wrote it
 *  48           zeros
 * </pre>
 *
 * @param sequence the segment's place among all segments, from 1
 * @param generation drawn anew for each use of the file; never 0
 * @param blocks the file's size in blocks, this one included
 * @param host incarnation of the host's directory
 */
record SegmentHeader(long sequence, long generation, int blocks, UUID host) {
    static final int FORMAT_VERSION = 1;
    private static final long MAGIC = 0x4c4f434b5354574cL;

    /** Writes block 0 into {@code buffer}. */
    void putInto(Blocks buffer) {
        ByteBuffer data = ByteBuffer.allocate(Blocks.DATA_BYTES);
        data.putLong(MAGIC).putInt(FORMAT_VERSION).putInt(Blocks.BYTES);
        data.putLong(sequence).putLong((long) blocks * Blocks.BYTES);
        Bodies.putUuid(data, host);
        buffer.put(0, data.clear());
        buffer.seal(0, generation, 0, 0, false);
    }

    /**
     * @throws Damage when there is no whole header
     * @throws StorageException when the file is of another version or isn't what its name and
     *     directory say
     */
    static SegmentHeader read(Disk disk, Disk.File file, String name, long sequence, UUID host)
            throws Damage, IOException {
        Blocks buffer = Blocks.direct(1);
        if (file.read(buffer.first(1), 0) < Blocks.BYTES) {
            throw new Damage("it ends at " + file.size() + ", before its header does");
        }
        long generation = buffer.generation(0);
        if (generation == 0 || buffer.state(0, generation, 0) != Blocks.State.INTACT) {
            throw new Damage("the segment's header fails its checksum");
        }
        ByteBuffer data = ByteBuffer.allocate(Blocks.DATA_BYTES);
        buffer.dataTo(0, data);
        data.flip();
        if (data.getLong() != MAGIC) {
            throw Refusal.corrupt(disk, name, Blocks.HEAD_BYTES, "this is no segment of a log");
        }
        int version = data.getInt();
        int blockBytes = data.getInt();
        if (version != FORMAT_VERSION || blockBytes != Blocks.BYTES) {
            throw new StorageException(
                    new Fault(
                            Fault.Code.INCOMPATIBLE_VERSION,
                            name
                                    + " in "
                                    + disk
                                    + " is of format version "
                                    + version
                                    + " with blocks of "
                                    + blockBytes
                                    + " bytes; this version of Lockstep reads version "
                                    + FORMAT_VERSION
                                    + " with blocks of "
                                    + Blocks.BYTES
                                    + ". Nothing was changed. Open it with the version that wrote it."));
        }
        long claimedSequence = data.getLong();
        long bytes = data.getLong();
        UUID claimedHost = Bodies.uuid(data);
        if (claimedSequence != sequence || !claimedHost.equals(host)) {
            throw Refusal.corrupt(
                    disk,
                    name,
                    Blocks.HEAD_BYTES,
                    "this is segment "
                            + claimedSequence
                            + " of host incarnation "
                            + claimedHost
                            + ", where segment "
                            + sequence
                            + " of "
                            + host
                            + " should be");
        }
        if (file.size() > bytes
                || bytes < 2 * Blocks.BYTES
                || bytes / Blocks.BYTES > Integer.MAX_VALUE) {
            throw Refusal.corrupt(
                    disk,
                    name,
                    bytes,
                    "the file has " + file.size() + " bytes where it had " + bytes);
        }
        return new SegmentHeader(sequence, generation, (int) (bytes / Blocks.BYTES), host);
    }
}
