package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Entry;
import java.util.List;

/**
 * The entries of one read: first those to fetch from the disk, then those that are still in memory.
 */
final class Selection {
    private final long from;
    private final long[] places;
    private final int[] lengths;
    private final List<Entry> tail;

    Selection(long from, long[] places, int[] lengths, List<Entry> tail) {
        this.from = from;
        this.places = places;
        this.lengths = lengths;
        this.tail = tail;
    }

    /** How many are to be fetched. */
    int stored() {
        return places.length;
    }

    long index(int i) {
        return from + i;
    }

    /** Whether it is known by its position only. */
    boolean isLost(int i) {
        return places[i] == Place.LOST;
    }

    long segment(int i) {
        return Place.segment(places[i]);
    }

    /** Where the record begins, in data bytes from the start of its segment. */
    int dataAt(int i) {
        return Place.dataAt(places[i]);
    }

    int length(int i) {
        return lengths[i];
    }

    List<Entry> tail() {
        return tail;
    }
}
