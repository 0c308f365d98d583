package dev.lockstep.examples.kv.store;

import dev.lockstep.raft.model.Payload;

/**
 * A key, ordered by its {@link #place} and only then by its bytes.
 *
 * <p>The place, 52 bits drawn from the bytes, is what a SCAN cursor names. So a cursor is a plain
 * number, as clients expect (some keep it in a double), it means the same on every node and after a
 * restart, and a scan meets each key that stays exactly once while others come and go. Equal places
 * are rare, and are returned together.
 */
public final class Key implements Comparable<Key> {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;
    private static final int PLACE_SHIFT = 12;

    private final Payload bytes;
    private final long place;

    private Key(Payload bytes, long place) {
        this.bytes = bytes;
        this.place = place;
    }

    public static Key of(Payload bytes) {
        return new Key(bytes, placeOf(bytes));
    }

    public static Key of(String text) {
        return of(Payload.of(text));
    }

    /** What comes before every key of that place, and after every key of a smaller one. */
    static Key firstAt(long place) {
        return new Key(Payload.EMPTY, place);
    }

    public Payload bytes() {
        return bytes;
    }

    /** From 0 to 2^52 - 1. */
    long place() {
        return place;
    }

    /**
     * FNV-1a, mixed by the finalizer of SplitMix64. Part of the log's meaning: it never changes.
     */
    private static long placeOf(Payload bytes) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < bytes.size(); i++) {
            hash = (hash ^ (bytes.byteAt(i) & 0xff)) * FNV_PRIME;
        }
        hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
        return (hash ^ (hash >>> 31)) >>> PLACE_SHIFT;
    }

    @Override
    public int compareTo(Key other) {
        int byPlace = Long.compare(place, other.place);
        if (byPlace != 0) {
            return byPlace;
        }
        return bytes.equals(other.bytes)
                ? 0
                : bytes.asByteBuffer().compareTo(other.bytes.asByteBuffer());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Key that && place == that.place && bytes.equals(that.bytes);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(place);
    }

    @Override
    public String toString() {
        return bytes.asString();
    }
}
