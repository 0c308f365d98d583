package dev.lockstep.raft.storage;

/**
 * Where a record begins: its segment's sequence number in the upper half of a {@code long}, in the
 * lower half its offset in the segment's data bytes (block heads not counted). The index holds
 * millions of them, so it is no object.
 */
final class Place {
    /** Stands for an entry that isn't on this disk any more; no segment has the number 0. */
    static final long LOST = 0;

    private Place() {}

    static long of(long segment, int dataAt) {
        assert segment == (int) segment && dataAt >= 0
                : "segment " + segment + ", data byte " + dataAt;
        return segment << Integer.SIZE | dataAt;
    }

    static long segment(long place) {
        return place >>> Integer.SIZE;
    }

    static int dataAt(long place) {
        return (int) place;
    }
}
