package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.DiskFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes segments. The file is written whole under a name aside, synced, and renamed: a file with a
 * segment's name has its full size and its header, whatever crashes. Written with zeros rather than
 * just sized, since a sync of blocks that were written before has no file size or block map to make
 * durable, and costs half. A spare file has its blocks already, and gets a header only: the
 * generation in it makes blank what stands there from earlier uses.
 */
final class SegmentMaker {
    static final String ASIDE = "wal-next.tmp";
    private static final int CHUNK_BLOCKS = (1 << 20) / Blocks.BYTES;

    /** Synced in portions, or the log's own syncs would queue up behind all of the zeros. */
    private static final int SYNC_BLOCKS = (4 << 20) / Blocks.BYTES;

    private final Disk disk;

    /** Whether a file that wasn't finished couldn't be deleted. One is made at a time. */
    private volatile boolean isLeft;

    private final UUID host;

    SegmentMaker(Disk disk, UUID host) {
        this.disk = disk;
        this.host = host;
    }

    /**
     * Returns once the segment is durable. It replaces a prepared one of the same sequence number.
     *
     * @param generation one that no use of the file ever had
     * @param spare a file of the right size to be used again; null to make a new one
     */
    Segment make(long sequence, long generation, int blocks, @Nullable String spare)
            throws IOException {
        SegmentHeader header = new SegmentHeader(sequence, generation, blocks, host);
        String aside = spare == null ? ASIDE : spare;
        try {
            if (spare == null) {
                begin((long) blocks * Blocks.BYTES);
            }
            try (Disk.File file = spare == null ? disk.create(aside) : disk.open(aside)) {
                if (spare == null) {
                    write(header, file);
                } else {
                    Blocks first = Blocks.direct(1);
                    header.putInto(first);
                    file.write(first.first(1), 0);
                }
                file.sync();
            }
            disk.rename(aside, Segment.name(sequence));
        } catch (DiskFullException e) {
            if (spare == null) {
                giveUp(e);
            }
            throw e;
        }
        disk.syncDirectory();
        return new Segment(header, openMade(Segment.name(sequence)));
    }

    /** It can't be made again, so a disk that has become read-only by now is one that failed. */
    private Disk.File openMade(String name) throws IOException {
        try {
            return disk.open(name);
        } catch (DiskFullException e) {
            throw new IOException(name + " was made, and can't be opened", e);
        }
    }

    /** Whether a segment of that size seems to fit. */
    boolean hasRoomFor(int blocks) throws IOException {
        return disk.usableBytes() >= (long) blocks * Blocks.BYTES;
    }

    /** Doesn't fill the disk with zeros only to find that they don't fit. */
    private void begin(long bytes) throws IOException {
        long usable = disk.usableBytes();
        if (usable < bytes) {
            throw new DiskFullException(
                    "the next segment of the log in "
                            + disk
                            + " takes "
                            + bytes
                            + " bytes, and the disk has "
                            + usable);
        }
        if (isLeft) {
            disk.delete(ASIDE);
            isLeft = false;
        }
    }

    /** What was made takes room that others may need. */
    private void giveUp(DiskFullException why) {
        try {
            isLeft = disk.list().contains(ASIDE);
            if (isLeft) {
                disk.delete(ASIDE);
                isLeft = false;
            }
        } catch (IOException e) {
            why.addSuppressed(e); // the next try deletes it, or the next open
        }
    }

    private static void write(SegmentHeader header, Disk.File file) throws IOException {
        Blocks chunk = Blocks.aligned(Math.min(CHUNK_BLOCKS, header.blocks()));
        header.putInto(chunk);
        for (int done = 0; done < header.blocks(); ) {
            int count = Math.min(chunk.count(), header.blocks() - done);
            ByteBuffer part = chunk.first(count);
            file.write(part, (long) done * Blocks.BYTES);
            if (done == 0) {
                chunk.wipe(0);
            }
            done += count;
            if (done % SYNC_BLOCKS == 0) {
                file.sync();
            }
        }
    }
}
