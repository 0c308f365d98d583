package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Walks the batches of all segments in order, and hands each one's records to the replay. */
final class BatchScan {
    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

    private final Disk disk;
    private final Replay replay;
    private final LostBatches lost;
    private ByteBuffer data = ByteBuffer.allocate(1 << 16);
    private long nextNumber = 1;
    private BatchPlace last = BatchPlace.NONE;

    /** The last batch's, which the next one repeats; empty when it doesn't. */
    private byte[] directory = new byte[0];

    BatchScan(Disk disk, Replay replay) {
        this.disk = disk;
        this.replay = replay;
        this.lost = new LostBatches(disk, replay);
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
     * Replays the intact batches of the reader's segment, and remembers where others are between
     * them: whatever stands before the beginning of a batch was synced.
     *
     * @return the block behind the last of them
     */
    int run(SegmentReader reader) throws IOException {
        int at = 1;
        while (at < reader.segment().blocks()) {
            if (isIntactBatch(reader, at)) {
                int count = data.limit() / Blocks.DATA_BYTES;
                try {
                    replay(reader.segment(), at);
                } catch (Damage e) {
                    throw Refusal.corrupt(
                            disk, reader.segment().name(), (long) at * Blocks.BYTES, e.what());
                }
                at += count;
                continue;
            }
            int next = nextBeginning(reader, at + 1);
            if (next < 0) {
                break;
            }
            lose(reader, at, next);
            at = next;
        }
        return at;
    }

    /** Something was synced there and isn't whole any more. */
    void lose(SegmentReader reader, int from, int until) throws IOException {
        lost.add(SalvagedBatch.read(reader, from, until));
    }

    /**
     * The log ends here.
     *
     * @return whether all that stood in what isn't whole is known, or lost by name
     */
    boolean end() throws IOException {
        if (lost.isEmpty()) {
            return true;
        }
        int count = lost.count();
        ByteBuffer known = lost.resolve(nextNumber, -1, NO_BYTES);
        nextNumber += count;
        directory = new byte[0];
        if (known != null && BatchDirectory.isEchoed(known.remaining())) {
            directory = new byte[known.remaining()];
            known.get(directory);
        }
        return known != null;
    }

    private static int nextBeginning(SegmentReader reader, int from) throws IOException {
        for (int block = from; block < reader.segment().blocks(); block++) {
            if (reader.state(block) == Blocks.State.INTACT && reader.beginsBatch(block)) {
                return block;
            }
        }
        return -1;
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
        reader.dataTo(first, data);
        for (int i = 1; i < count; i++) {
            int block = first + i;
            if (reader.state(block) != Blocks.State.INTACT
                    || reader.beginsBatch(block)
                    || reader.following(block) != count - 1 - i) {
                return false;
            }
            reader.dataTo(block, data);
        }
        data.flip();
        return true;
    }

    private void replay(Segment segment, int at) throws Damage, IOException {
        BatchHead head = BatchHead.read(data);
        if (head.segment() != segment.sequence()
                || head.blocks() != data.limit() / Blocks.DATA_BYTES) {
            throw new Damage("this batch was written for another place: " + head);
        }
        if (lost.isEmpty()) {
            follow(head, segment, at);
        } else {
            resolveLost(head, segment);
        }
        nextNumber = head.number();
        replay.batch(head, data, segment, at);
        boolean echoed = BatchDirectory.isEchoed(head.directoryBytes());
        directory = new byte[echoed ? head.directoryBytes() : 0];
        head.directory(data).get(directory, 0, directory.length);
        last = new BatchPlace(segment.sequence(), at);
        nextNumber++;
    }

    /** Nothing is lost since the batch before; as far as that is known. */
    private void follow(BatchHead head, Segment segment, int at) throws Damage {
        boolean beginsSegment = at == 1 && segment.sequence() > 1;
        if (beginsSegment && last.equals(BatchPlace.NONE)) {
            return; // those before it were freed
        }
        if (head.number() != nextNumber || !head.previous().equals(last)) {
            String what =
                    "batch " + nextNumber + " should be here, behind " + last + "; this is " + head;
            if (!beginsSegment) {
                throw new Damage(what);
            }
            // Another open found other batches before it: it read some badly that are read now, or
            // some are gone. It knew what the checkpoint says that begins here.
            replay.lostUnknown(
                    new Loss(
                            Fault.Code.LOG_CORRUPT,
                            segment.name()
                                    + " at offset "
                                    + (long) at * Blocks.BYTES
                                    + " in "
                                    + disk
                                    + ": "
                                    + what,
                            false));
        } else if (!head.echo(data).equals(ByteBuffer.wrap(directory))) {
            throw new Damage(
                    "the batch repeats another directory than that of the batch before it");
        }
    }

    private void resolveLost(BatchHead head, Segment segment) throws IOException {
        if (lost.count() == 1 && head.number() == nextNumber && head.previous().equals(last)) {
            lost.forget(); // rot where nothing was ever written
            return;
        }
        boolean isFirst = last.equals(BatchPlace.NONE) && segment.sequence() > 1;
        boolean isKnown = !isFirst && head.number() >= nextNumber;
        long missing = isKnown ? head.number() - nextNumber : Long.MAX_VALUE;
        var unusedDirectory = lost.resolve(nextNumber, missing, head.echo(data));
    }

    private void reserve(int count) {
        int size = count * Blocks.DATA_BYTES;
        data = data.capacity() < size ? ByteBuffer.allocate(size) : data.clear();
    }
}
