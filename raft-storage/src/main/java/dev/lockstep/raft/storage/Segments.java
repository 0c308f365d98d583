package dev.lockstep.raft.storage;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The open segments that hold the log. Added to and freed by the log's writer, read by any thread:
 * a file that is being read stays open until that is done, and isn't used for anything else.
 */
final class Segments {
    private final TreeMap<Long, Segment> bySequence = new TreeMap<>();

    /** How many reads each segment is lent to, freed ones included. */
    private final Map<Segment, Integer> lent = new HashMap<>();

    private long bytes;

    Segments(List<Segment> used) {
        used.forEach(this::add);
    }

    synchronized void add(Segment segment) {
        bySequence.put(segment.sequence(), segment);
        bytes += segment.fileBytes();
    }

    /** For a read, which must give it back; null when it was freed. */
    synchronized @Nullable Segment lend(long sequence) {
        Segment segment = bySequence.get(sequence);
        if (segment != null) {
            lent.merge(segment, 1, Integer::sum);
        }
        return segment;
    }

    synchronized void giveBack(Segment segment) throws IOException {
        boolean last =
                lent.merge(segment, -1, (count, one) -> count > 1 ? count - 1 : null) == null;
        if (last && !segment.equals(bySequence.get(segment.sequence()))) {
            segment.file().close();
        }
    }

    /**
     * Forgets the first one.
     *
     * @return whether its file is closed; else that comes when the last read is done
     */
    synchronized boolean removeFirst() throws IOException {
        Segment first = bySequence.pollFirstEntry().getValue();
        bytes -= first.fileBytes();
        boolean unused = !lent.containsKey(first);
        if (unused) {
            first.file().close();
        }
        return unused;
    }

    synchronized long last() {
        return bySequence.lastKey();
    }

    /** Those before this one, in sequence. */
    synchronized List<Segment> before(long sequence) {
        return List.copyOf(bySequence.headMap(sequence).values());
    }

    /** What their files take. */
    synchronized long bytes() {
        return bytes;
    }

    synchronized Segment first() {
        return bySequence.firstEntry().getValue();
    }

    synchronized void close() throws IOException {
        for (Segment segment : bySequence.values()) {
            segment.file().close();
        }
    }
}
