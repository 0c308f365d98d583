package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Payload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Fetches entries from the disk; those that stand close together with one read. */
final class EntryReader {
    /** Records of other groups in between are read along up to this many bytes. */
    private static final int MOST_GAP_BYTES = 32 << 10;

    private static final int MOST_READ_BYTES = 1 << 20;

    private final Disk disk;
    private final Segments segments;

    EntryReader(Disk disk, Segments segments) {
        this.disk = disk;
        this.segments = segments;
    }

    /**
     * The group's entries from {@code from} on, or those before the first that can't be read as it
     * was written. Each one's checksum is checked again, since bits may have rotted after recovery.
     *
     * @throws IllegalArgumentException when {@code from} isn't kept
     * @throws IOException when the very first can't be read
     */
    List<Entry> read(long group, EntryIndex index, long from, int maxBytes) throws IOException {
        long freed = 0;
        while (true) {
            Selection selection = index.select(from, maxBytes);
            List<Entry> entries = read(group, selection);
            if (entries != null) {
                return entries;
            }
            // A segment was freed since its entries were selected. Before that the index learned
            // that they are gone, or where else they are.
            if (selection.segment(0) == freed) {
                throw new IllegalStateException(Segment.name(freed) + " isn't open");
            }
            freed = selection.segment(0);
        }
    }

    /**
     * The selection's entries, or those before the first that can't be read as it was written.
     *
     * @return null when a segment isn't there any more
     * @throws IOException when the very first can't be read
     */
    @Nullable List<Entry> read(long group, Selection selection) throws IOException {
        List<Entry> entries = new ArrayList<>(selection.stored() + selection.tail().size());
        try {
            for (int i = 0; i < selection.stored(); ) {
                if (selection.isLost(i)) {
                    throw Refusal.lost(disk, selection.index(i));
                }
                int end = endOfRun(selection, i);
                Segment segment = segments.lend(selection.segment(i));
                if (segment == null) {
                    return null;
                }
                try {
                    readRun(group, selection, i, end, segment, entries);
                } finally {
                    segments.giveBack(segment);
                }
                i = end;
            }
        } catch (IOException e) {
            if (entries.isEmpty()) {
                throw e;
            }
            return entries;
        }
        entries.addAll(selection.tail());
        return entries;
    }

    private static int endOfRun(Selection selection, int from) {
        int i = from + 1;
        for (int end = endOf(selection, from); i < selection.stored(); i++) {
            boolean near =
                    selection.segment(i) == selection.segment(from)
                            && selection.dataAt(i) >= end // not a copy of an earlier entry
                            && selection.dataAt(i) - end <= MOST_GAP_BYTES
                            && endOf(selection, i) - selection.dataAt(from) <= MOST_READ_BYTES;
            if (!near) {
                break;
            }
            end = endOf(selection, i);
        }
        return i;
    }

    private static int endOf(Selection selection, int i) {
        return selection.dataAt(i) + selection.length(i);
    }

    private void readRun(
            long group,
            Selection selection,
            int from,
            int until,
            Segment segment,
            List<Entry> target)
            throws IOException {
        int firstBlock = selection.dataAt(from) / Blocks.DATA_BYTES;
        int count = Blocks.needed(endOf(selection, until - 1)) - firstBlock;
        ByteBuffer buffer = ByteBuffer.allocate(count * Blocks.BYTES);
        int read = segment.file().read(buffer, (long) firstBlock * Blocks.BYTES);
        if (read < buffer.capacity()) {
            throw Refusal.gap(
                    disk,
                    segment.name(),
                    "it ends within block " + (firstBlock + read / Blocks.BYTES));
        }
        Blocks blocks = new Blocks(buffer.clear());
        for (int i = from; i < until; i++) {
            int at = selection.dataAt(i) - firstBlock * Blocks.DATA_BYTES;
            try {
                target.add(decode(blocks, at, selection.length(i), group, selection.index(i)));
            } catch (Damage e) {
                throw Refusal.corrupt(
                        disk, segment.name(), Blocks.fileOffset(selection.dataAt(i)), e.what());
            }
        }
    }

    private static Entry decode(Blocks blocks, int at, int length, long group, long index)
            throws Damage {
        byte[] front = new byte[RecordDraft.ENTRY_OVERHEAD_BYTES];
        byte[] payload = new byte[length - front.length];
        blocks.get(at, front, 0, front.length);
        blocks.get(at + front.length, payload, 0, payload.length);
        CRC32C crc = new CRC32C();
        crc.update(front, 0, RecordHead.CHECKSUM_AT);
        crc.update(front, RecordHead.KIND_AT, front.length - RecordHead.KIND_AT);
        crc.update(payload, 0, payload.length);
        ByteBuffer fields = ByteBuffer.wrap(front);
        RecordHead head = RecordHead.read(fields);
        if (head.checksum() != (int) crc.getValue()
                || head.length() != length
                || head.kind() != RecordKind.ENTRY
                || head.group() != group
                || head.index() != index) {
            throw new Damage(
                    "entry "
                            + index
                            + " of the group with key "
                            + Long.toHexString(group)
                            + " was here, intact, when it was written or recovered, and isn't any more");
        }
        return new Entry(
                head.term(),
                index,
                EntryKind.ofCode(fields.get()),
                fields.getLong(),
                Payload.wrap(payload));
    }
}
