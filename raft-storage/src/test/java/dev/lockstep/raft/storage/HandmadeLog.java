package dev.lockstep.raft.storage;

import dev.lockstep.raft.spi.HostIdentity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;

/** The directory of a host whose batches a test writes itself, right or wrong, and damages. */
final class HandmadeLog {
    static final int BLOCKS = Samples.SMALL_SEGMENT / Blocks.BYTES;

    private final CrashDisk disk = new CrashDisk();
    private final UUID host = Samples.replica("n1", 77).incarnation();
    private Segment segment = Segment.missing(1, host);
    private ByteBuffer echo = ByteBuffer.allocate(0);
    private BatchPlace last = BatchPlace.NONE;
    private long number = 1;
    private int next = 1;

    HandmadeLog() throws IOException {
        IdentityFile.write(disk, new HostIdentity(Samples.CLUSTER, Samples.NODE, host, 1, 5));
        segment(1);
    }

    CrashDisk disk() {
        return disk;
    }

    UUID host() {
        return host;
    }

    /** What comes now goes there. */
    HandmadeLog segment(long sequence) throws IOException {
        return segment(sequence, host);
    }

    HandmadeLog segment(long sequence, UUID claimedHost) throws IOException {
        SegmentHeader header = new SegmentHeader(sequence, 900 + sequence, BLOCKS, claimedHost);
        Blocks blank = Blocks.direct(BLOCKS);
        header.putInto(blank);
        byte[] bytes = new byte[BLOCKS * Blocks.BYTES];
        blank.first(BLOCKS).get(bytes);
        String name = Segment.name(sequence);
        disk.put(name, bytes);
        segment = new Segment(header, disk.open(name));
        next = 1;
        return this;
    }

    /** The next batch says that it has this number. */
    HandmadeLog number(long claimed) {
        number = claimed;
        return this;
    }

    /**
     * @return its first block
     */
    int batch(RecordDraft... records) throws IOException, Damage {
        BatchBuffer buffer = new BatchBuffer(echo, next);
        for (RecordDraft record : records) {
            buffer.add(record);
        }
        ByteBuffer sealed = buffer.seal(segment, number, last);
        int count = sealed.remaining() / Blocks.BYTES;
        byte[] bytes = disk.bytes(segment.name());
        sealed.get(bytes, next * Blocks.BYTES, sealed.remaining());
        disk.put(segment.name(), bytes);
        ByteBuffer data = data(bytes, next, count);
        BatchHead head = BatchHead.read(data);
        boolean echoed = BatchDirectory.isEchoed(head.directoryBytes());
        echo = echoed ? head.directory(data) : ByteBuffer.allocate(0);
        last = new BatchPlace(segment.sequence(), next);
        number++;
        int first = next;
        next += count;
        return first;
    }

    private static ByteBuffer data(byte[] bytes, int from, int count) {
        Blocks blocks = new Blocks(ByteBuffer.wrap(bytes));
        ByteBuffer data = ByteBuffer.allocate(count * Blocks.DATA_BYTES);
        for (int i = 0; i < count; i++) {
            blocks.dataTo(from + i, data);
        }
        return data.flip();
    }

    /** The block behind the last batch. */
    int next() {
        return next;
    }

    /** Nothing of what the block held is left, and it isn't blank. */
    HandmadeLog rot(long sequence, int block) {
        return fill(sequence, block, (byte) 0xff);
    }

    /** The block was never written. */
    HandmadeLog blank(long sequence, int block) {
        return fill(sequence, block, (byte) 0);
    }

    private HandmadeLog fill(long sequence, int block, byte with) {
        byte[] bytes = disk.bytes(Segment.name(sequence));
        Arrays.fill(bytes, block * Blocks.BYTES, (block + 1) * Blocks.BYTES, with);
        disk.put(Segment.name(sequence), bytes);
        return this;
    }

    /** Changes a byte of a block's data of the present segment, under a right checksum. */
    HandmadeLog change(int block, int dataAt) {
        byte[] bytes = disk.bytes(segment.name());
        bytes[block * Blocks.BYTES + Blocks.HEAD_BYTES + dataAt] ^= 1;
        Blocks blocks = new Blocks(ByteBuffer.wrap(bytes));
        blocks.seal(
                block,
                segment.generation(),
                block,
                blocks.following(block),
                blocks.beginsBatch(block));
        disk.put(segment.name(), bytes);
        return this;
    }

    /** Puts a block with a right checksum and nothing in it behind the last batch. */
    HandmadeLog emptyBlock(int following, boolean beginsBatch) {
        byte[] bytes = disk.bytes(segment.name());
        new Blocks(ByteBuffer.wrap(bytes))
                .seal(next, segment.generation(), next, following, beginsBatch);
        disk.put(segment.name(), bytes);
        next++;
        return this;
    }
}
