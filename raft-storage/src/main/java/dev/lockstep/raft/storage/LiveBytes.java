package dev.lockstep.raft.storage;

import java.util.TreeMap;

/**
 * How much of each segment is entries that are still in a group's index. So what is the first
 * segment that is needed, and what it would cost to need it no more, are known without looking
 * through all groups. Changed by recovery and the log's writer, read by the latter.
 */
final class LiveBytes {
    private final TreeMap<Long, Live> bySegment = new TreeMap<>();

    /** The one that was changed last, and will most likely be next. */
    private Live last = new Live(0);

    private static final class Live {
        private final long segment;
        private long entries;
        private long bytes;

        Live(long segment) {
            this.segment = segment;
        }
    }

    /** An entry is in the index, at this place. */
    void add(long place, int bytes) {
        long segment = Place.segment(place);
        if (last.segment != segment || last.entries == 0) {
            last = bySegment.computeIfAbsent(segment, Live::new);
        }
        last.entries++;
        last.bytes += bytes;
    }

    /** It isn't any more. */
    void remove(long place, int bytes) {
        long segment = Place.segment(place);
        if (last.segment != segment) {
            last = bySegment.computeIfAbsent(segment, Live::new);
        }
        Live live = last;
        assert live.entries > 0 : Segment.name(segment) + " has no entries";
        live.entries--;
        live.bytes -= bytes;
        if (live.entries == 0) {
            bySegment.remove(segment);
        }
    }

    /** The first segment with an entry; {@code none} where there is no entry at all. */
    long first(long none) {
        return bySegment.isEmpty() ? none : bySegment.firstKey();
    }

    long in(long segment) {
        Live live = bySegment.get(segment);
        return live == null ? 0 : live.bytes;
    }
}
