package dev.lockstep.raft.storage;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Walks the batches of all segments in order, and hands each one's records to the replay. */
final class BatchScan {
    private final Disk disk;
    private final Replay replay;
    private ByteBuffer data = ByteBuffer.allocate(1 << 16);
    private long nextNumber = 1;
    private BatchPlace last = BatchPlace.NONE;

    /** The last batch's, which the next one repeats; empty when it doesn't. */
    private byte[] directory = new byte[0];

    BatchScan(Disk disk, Replay replay) {
        this.disk = disk;
        this.replay = replay;
    }

    /** The number that the next batch will have. */
    long nextNumber() {
        return nextNumber;
    }

    /** Where the last intact batch begins. */
    BatchPlace last() {
        return last;
    }

    /** The directory of the last intact batch, if the next one is to repeat it; else empty. */
    ByteBuffer lastDirectory() {
        return ByteBuffer.wrap(directory);
    }

    /**
     * Replays the intact batches of the reader's segment.
     *
     * @return the block behind the last of them
     */
    int run(SegmentReader reader) throws IOException {
        int at = 1;
        while (at < reader.segment().blocks() && isIntactBatch(reader, at)) {
            try {
                replay(reader.segment(), at);
            } catch (Damage e) {
                throw Refusal.corrupt(
                        disk, reader.segment().name(), (long) at * Blocks.BYTES, e.what());
            }
            at += data.limit() / Blocks.DATA_BYTES;
        }
        return at;
    }

    /**
     * Whether all blocks of a batch are at {@code first}, as they were written; then {@link #data}
     * holds it.
     */
    private boolean isIntactBatch(SegmentReader reader, int first) throws IOException {
        if (reader.state(first) != Blocks.State.INTACT || !reader.beginsBatch(first)) {
            return false;
        }
        int count = reader.following(first) + 1;
        if (count < 1 || count > reader.segment().blocks() - first) {
            return false;
        }
        reserve(count);
        data.put(reader.data(first));
        for (int i = 1; i < count; i++) {
            int block = first + i;
            if (reader.state(block) != Blocks.State.INTACT
                    || reader.beginsBatch(block)
                    || reader.following(block) != count - 1 - i) {
                return false;
            }
            data.put(reader.data(block));
        }
        data.flip();
        return true;
    }

    private void replay(Segment segment, int at) throws Damage, IOException {
        BatchHead head = BatchHead.read(data);
        boolean isFirst = last.equals(BatchPlace.NONE);
        if (isFirst && segment.sequence() > 1) {
            nextNumber = head.number(); // those before it were freed
        }
        if (head.segment() != segment.sequence()
                || head.blocks() != data.limit() / Blocks.DATA_BYTES
                || head.number() != nextNumber
                || !(head.previous().equals(last) || (isFirst && segment.sequence() > 1))) {
            throw new Damage(
                    "batch "
                            + nextNumber
                            + " should be here, behind "
                            + last
                            + "; this is "
                            + head);
        }
        if (!(isFirst && segment.sequence() > 1)
                && !head.echo(data).equals(ByteBuffer.wrap(directory))) {
            throw new Damage(
                    "the batch repeats another directory than that of the batch before it");
        }
        replay.batch(head, data, segment, at);
        boolean echoed = BatchDirectory.isEchoed(head.directoryBytes());
        directory = new byte[echoed ? head.directoryBytes() : 0];
        head.directory(data).get(directory, 0, directory.length);
        last = new BatchPlace(segment.sequence(), at);
        nextNumber++;
    }

    private void reserve(int count) {
        int size = count * Blocks.DATA_BYTES;
        data = data.capacity() < size ? ByteBuffer.allocate(size) : data.clear();
    }
}
