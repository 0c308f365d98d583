package dev.lockstep.raft.core;

import java.util.ArrayDeque;

/**
 * Measures the log behind the snapshots (§5.1.3): how much was handed to the state machine since
 * the last one, and up to where the log may be cut so that about the wanted number of bytes stays
 * for followers that are a little behind. A follower that is dead keeps nothing from being cut.
 *
 * <p>Bytes are counted as entries pass on their way to the state machine, so a restarted replica,
 * which applies again what came after its snapshot, counts the same.
 */
final class Compaction {
    /** The tail is measured with so many marks. */
    private static final int MARKS = 16;

    private final long keptBytes;
    private final long markBytes;

    /** Ascending: where the log could be cut. */
    private final ArrayDeque<Mark> marks = new ArrayDeque<>();

    /** All that was handed to the state machine since the start of this process. */
    private long bytes;

    /** What {@link #bytes} was at the last snapshot, or the last attempt at one. */
    private long bytesAtLast;

    /** Where that was. */
    private long lastIndex;

    private record Mark(long index, long bytes) {}

    Compaction(long start, long keptBytes) {
        this.keptBytes = keptBytes;
        this.markBytes = keptBytes / MARKS;
        this.lastIndex = start;
        marks.add(new Mark(start, 0));
    }

    /** Entries up to an index have gone to the state machine. */
    void handed(long index, long entryBytes) {
        bytes += entryBytes;
        if (bytes - marks.getLast().bytes() >= Math.max(1, markBytes)) {
            marks.addLast(new Mark(index, bytes));
        }
    }

    long bytesSinceLast() {
        return bytes - bytesAtLast;
    }

    /** The index of the last snapshot, or of the last attempt at one. */
    long lastIndex() {
        return lastIndex;
    }

    /** A snapshot is taken behind all that was handed out until now. */
    void taking(long index) {
        bytesAtLast = bytes;
        lastIndex = index;
        if (marks.getLast().index() != index) {
            marks.addLast(new Mark(index, bytes));
        }
    }

    /**
     * Up to where the log may be cut once a snapshot at {@code snapshot} is durable; later cuts are
     * never lower.
     */
    long cut(long snapshot) {
        long end = bytesAt(snapshot);
        Mark cut = marks.removeFirst();
        while (!marks.isEmpty()
                && marks.getFirst().index() <= snapshot
                && end - marks.getFirst().bytes() >= keptBytes) {
            cut = marks.removeFirst();
        }
        marks.addFirst(cut);
        return Math.min(cut.index(), snapshot);
    }

    /** About how many bytes were handed out behind one index up to another. */
    long between(long from, long to) {
        return bytesAt(to) - bytesAt(from);
    }

    private long bytesAt(long index) {
        long at = 0;
        for (Mark mark : marks) {
            if (mark.index() > index) {
                break;
            }
            at = mark.bytes();
        }
        return at;
    }

    /** A snapshot of another replica took the place of everything up to an index. */
    void restartAt(long index) {
        marks.clear();
        marks.add(new Mark(index, bytes));
        bytesAtLast = bytes;
        lastIndex = index;
    }
}
