package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.storage.StoredDamage.LostRecord;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads a whole log and goes on behind what is damaged, where recovery decides at the first damage
 * what a replica may still do. Each batch is checked by itself, and by the number and directory of
 * the one before; whether the records make a log is left to recovery.
 */
final class LogWalk {
    private final Disk disk;
    private final UUID host;
    private final LogVisitor visitor;
    private final CRC32C crc = new CRC32C();

    /** Of the last batch that was whole; 0 before the first. */
    private long number;

    /** Its directory, if the next batch repeats it; null when that isn't known. */
    private @Nullable ByteBuffer directory;

    /** Whether a damage was told since, which explains why batches are missing. */
    private boolean explained;

    LogWalk(Disk disk, UUID host, LogVisitor visitor) {
        this.disk = disk;
        this.host = host;
        this.visitor = visitor;
    }

    void run() throws IOException {
        List<String> names = disk.list().stream().filter(Segment::isName).toList();
        int lastWritten = lastWritten(names);
        for (int i = 0; i < names.size(); i++) {
            long sequence = Segment.sequenceOf(names.get(i));
            long next = i == 0 ? sequence : Segment.sequenceOf(names.get(i - 1)) + 1;
            if (!Segment.mayFollow(next, sequence)) {
                String what = "no segment of this log has such a number: a host doesn't start here";
                damage(Fault.Code.LOG_GAP, names.get(i), 0, 0, what, List.of(), false);
                return;
            }
            missing(next, sequence);
            Segment segment = open(names.get(i));
            if (segment != null) {
                try {
                    segment(new SegmentReader(segment, Runnable::run), i >= lastWritten);
                } finally {
                    segment.file().close();
                }
            }
        }
        long first = names.isEmpty() ? 1 : Segment.sequenceOf(names.get(0));
        if (first > 1 && number == 0 && !explained) {
            missing(first - 1, first); // a segment is freed only where a later one holds something
        }
    }

    private void missing(long from, long until) {
        for (long sequence = from; sequence < until; sequence++) {
            damage(
                    Fault.Code.LOG_GAP,
                    Segment.name(sequence),
                    0,
                    0,
                    "it is missing, while " + Segment.name(until) + " is there",
                    List.of(),
                    false);
        }
    }

    private @Nullable Segment open(String name) throws IOException {
        try {
            Segment segment = Segment.open(disk, Segment.sequenceOf(name), host);
            if (segment.isUsable()) {
                return segment;
            }
            segment.file().close();
            boolean unreadable = segment.state() == Segment.State.UNREADABLE;
            Fault.Code code = unreadable ? Fault.Code.STORAGE_FAILED : Fault.Code.LOG_CORRUPT;
            String what =
                    segment.state() == Segment.State.UNUSED
                            ? "its header is damaged, before anything was written behind it: nothing is lost"
                            : (unreadable
                                            ? "the disk doesn't read its header"
                                            : "its header is damaged")
                                    + ", so nobody knows which of its blocks are of its present use";
            damage(code, name, 0, 0, what, List.of(), false);
            return null;
        } catch (StorageException e) {
            String what = "it can't be used as a segment: " + e.fault().message();
            damage(e.fault().code(), name, 0, 0, what, List.of(), false);
            return null;
        }
    }

    /** The last segment that holds anything; what is torn behind it may be what a crash left. */
    private int lastWritten(List<String> names) throws IOException {
        int last = names.size() - 1;
        for (; last > 0; last--) {
            Segment segment;
            try {
                segment = Segment.open(disk, Segment.sequenceOf(names.get(last)), host);
            } catch (StorageException e) {
                return last;
            }
            try {
                if (!new SegmentReader(segment, Runnable::run).isBlank()) {
                    return last;
                }
            } finally {
                segment.file().close();
            }
        }
        return last;
    }

    private void segment(SegmentReader reader, boolean isLast) throws IOException {
        int at = 1;
        while (at < reader.segment().blocks()) {
            ByteBuffer data = batchAt(reader, at);
            if (data != null) {
                batch(reader.segment(), at, data);
                at += data.limit() / Blocks.DATA_BYTES;
                continue;
            }
            int next = nextBatch(reader, at + 1);
            if (next == reader.segment().blocks() && isEnd(reader, at, isLast)) {
                return;
            }
            lost(reader, at, next);
            at = next;
        }
    }

    /** Whether no batch was ever durable at the block or behind it, where none is whole now. */
    private boolean isEnd(SegmentReader reader, int at, boolean isLast) throws IOException {
        Tail tail = Tail.judge(reader, at);
        if (tail.verdict() == Tail.Verdict.TORN && isLast) {
            visitor.unfinished(reader.segment().name(), offset(at));
            return true;
        }
        return tail.verdict() == Tail.Verdict.CLEAN;
    }

    private static int nextBatch(SegmentReader reader, int from) throws IOException {
        int at = from;
        while (at < reader.segment().blocks() && batchAt(reader, at) == null) {
            at++;
        }
        return at;
    }

    /** The data of the batch that begins at the block; null when none is there, all of it. */
    private static @Nullable ByteBuffer batchAt(SegmentReader reader, int first)
            throws IOException {
        if (reader.state(first) != Blocks.State.INTACT || !reader.beginsBatch(first)) {
            return null;
        }
        int following = reader.following(first);
        if (following >= reader.segment().blocks() - first) {
            return null;
        }
        ByteBuffer data = ByteBuffer.allocate((following + 1) * Blocks.DATA_BYTES);
        reader.dataTo(first, data);
        for (int left = following - 1; left >= 0; left--) {
            int block = first + following - left;
            if (reader.state(block) != Blocks.State.INTACT
                    || reader.beginsBatch(block)
                    || reader.following(block) != left) {
                return null;
            }
            reader.dataTo(block, data);
        }
        return data.flip();
    }

    private void batch(Segment segment, int at, ByteBuffer data) throws IOException {
        try {
            BatchHead head = BatchHead.read(data);
            checkPlace(head, segment, at, data);
            number = head.number();
            explained = false;
            directory =
                    BatchDirectory.isEchoed(head.directoryBytes()) ? head.directory(data) : null;
            records(head, data, segment, at);
        } catch (Damage e) {
            damaged(segment, at, e.what(), List.of(), false);
        } catch (BufferUnderflowException
                | IndexOutOfBoundsException
                | IllegalArgumentException e) {
            damaged(segment, at, "a record makes no sense (" + e + ")", List.of(), false);
        }
    }

    private void checkPlace(BatchHead head, Segment segment, int at, ByteBuffer data)
            throws Damage {
        if (head.segment() != segment.sequence()
                || head.blocks() != data.limit() / Blocks.DATA_BYTES) {
            throw new Damage("this batch was written for another place: " + head);
        }
        boolean isFirst = number == 0 && !explained;
        if (isFirst ? segment.sequence() == 1 && head.number() > 1 : head.number() <= number) {
            throw new Damage("batch " + head.number() + " can't follow batch " + number);
        }
        if (isFirst || explained) {
            return;
        }
        if (head.number() != number + 1) {
            String what = "the batches from " + (number + 1) + " on are missing before " + head;
            List<LostRecord> named =
                    head.number() == number + 2 ? named(head.echo(data)) : List.of();
            damaged(segment, at, what, named, !named.isEmpty());
        } else if (directory != null && !head.echo(data).equals(directory)) {
            throw new Damage("the batch repeats another directory than that before it");
        }
    }

    private void records(BatchHead batch, ByteBuffer data, Segment segment, int atBlock)
            throws Damage {
        BatchDirectory.Cursor cursor = new BatchDirectory.Cursor(batch.directory(data));
        int end = BatchHead.BYTES + batch.recordBytes();
        int at = BatchHead.BYTES;
        for (int i = 0; i < batch.records(); i++) {
            ByteBuffer record = data.slice(at, end - at);
            RecordHead head = RecordHead.read(record);
            RecordHead listed = cursor.next();
            if (!head.equals(listed)) {
                throw new Damage("record " + (i + 1) + " is " + head + ", listed is " + listed);
            }
            long offset = Blocks.fileOffset((long) atBlock * Blocks.DATA_BYTES + at);
            if (head.checksum() != checksum(record.limit(head.length()))) {
                String what = "record " + (i + 1) + " fails its checksum: " + head;
                damaged(segment, atBlock, what, List.of(lostRecord(head)), true);
            } else {
                visitor.record(stored(head, record, batch, segment, offset));
            }
            at += head.length();
        }
        if (at != end || cursor.hasNext()) {
            throw new Damage("the batch holds more than the records that it counts");
        }
    }

    private static StoredRecord stored(
            RecordHead head, ByteBuffer record, BatchHead batch, Segment segment, long offset) {
        byte[] body = new byte[record.remaining()];
        record.get(body);
        return new StoredRecord(
                segment.name(),
                offset,
                batch.number(),
                head.kind().name(),
                head.group(),
                head.term(),
                head.index(),
                head.length(),
                head.checksum(),
                Payload.wrap(body));
    }

    /** The blocks of one batch or more aren't whole; says what is still known of them. */
    private void lost(SegmentReader reader, int from, int next) throws IOException {
        int bad = from;
        while (bad < next - 1 && reader.state(bad) == Blocks.State.INTACT) {
            bad++;
        }
        BatchFoot foot = foot(reader, from, next);
        ByteBuffer listed = foot == null ? null : foot.directory();
        boolean allNamed = foot != null && foot.number() == number + 1;
        if (next < reader.segment().blocks()) {
            ByteBuffer data = batchAt(reader, next);
            long following = data == null ? 0 : numberOf(data);
            allNamed &= foot != null && following == foot.number() + 1;
            if (listed == null && data != null && following == number + 2) {
                listed = echo(data);
                allNamed = listed != null;
            }
        }
        List<LostRecord> named = listed == null ? List.of() : named(listed);
        StoredDamage found =
                new StoredDamage(
                        Fault.Code.LOG_CORRUPT,
                        reader.segment().name(),
                        offset(bad),
                        offset(from),
                        "this block isn't as it was written, in a batch that may have been acknowledged",
                        named,
                        allNamed && !named.isEmpty());
        tell(found);
    }

    /** The ending of the batch that begins at a block, if that is whole though the batch isn't. */
    private static @Nullable BatchFoot foot(SegmentReader reader, int from, int next)
            throws IOException {
        for (int block = from; block < next; block++) {
            if (reader.state(block) == Blocks.State.INTACT) {
                int last = block + reader.following(block);
                return last < reader.segment().blocks() ? foot(reader, from, last, next) : null;
            }
        }
        return null;
    }

    private static @Nullable BatchFoot foot(SegmentReader reader, int from, int last, int next)
            throws IOException {
        if (last >= next) {
            return null;
        }
        ByteBuffer data = ByteBuffer.allocate((last - from + 1) * Blocks.DATA_BYTES);
        for (int block = from; block <= last; block++) {
            reader.dataTo(block, data);
        }
        return BatchFoot.read(data.flip(), reader.segment().sequence());
    }

    private static long numberOf(ByteBuffer data) {
        try {
            return BatchHead.read(data).number();
        } catch (Damage | BufferUnderflowException | IndexOutOfBoundsException e) {
            return 0;
        }
    }

    private static @Nullable ByteBuffer echo(ByteBuffer data) {
        try {
            ByteBuffer echo = BatchHead.read(data).echo(data);
            return echo.hasRemaining() ? echo : null;
        } catch (Damage | BufferUnderflowException | IndexOutOfBoundsException e) {
            return null;
        }
    }

    private static List<LostRecord> named(ByteBuffer listed) {
        List<LostRecord> named = new ArrayList<>();
        BatchDirectory.Cursor cursor = new BatchDirectory.Cursor(listed.duplicate());
        try {
            while (cursor.hasNext()) {
                named.add(lostRecord(cursor.next()));
            }
        } catch (Damage | BufferUnderflowException e) {
            return named; // as far as it goes
        }
        return named;
    }

    private static LostRecord lostRecord(RecordHead head) {
        return new LostRecord(head.kind().name(), head.group(), head.term(), head.index());
    }

    private void damaged(
            Segment segment, int at, String what, List<LostRecord> named, boolean allNamed) {
        damage(
                Fault.Code.LOG_CORRUPT,
                segment.name(),
                offset(at),
                offset(at),
                what,
                named,
                allNamed);
    }

    private void damage(
            Fault.Code code,
            String file,
            long offset,
            long from,
            String what,
            List<LostRecord> named,
            boolean allNamed) {
        tell(new StoredDamage(code, file, offset, from, what, named, allNamed));
    }

    private void tell(StoredDamage found) {
        explained = true;
        visitor.damage(found);
    }

    private static long offset(int block) {
        return (long) block * Blocks.BYTES;
    }

    private int checksum(ByteBuffer record) {
        ByteBuffer bytes = record.duplicate().position(0);
        crc.reset();
        crc.update(bytes.limit(RecordHead.CHECKSUM_AT));
        crc.update(bytes.limit(record.limit()).position(RecordHead.KIND_AT));
        return (int) crc.getValue();
    }
}
