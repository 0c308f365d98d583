package dev.lockstep.raft.testkit.check;

import java.util.Arrays;

/** A set of small numbers with a hash that is kept up to date, since it is asked for at each step of a search. */
final class TakenSet {
    private final long[] words;
    private int hash;

    TakenSet(int size) {
        this(new long[(size + Long.SIZE - 1) / Long.SIZE], 0);
    }

    private TakenSet(long[] words, int hash) {
        this.words = words;
        this.hash = hash;
    }

    boolean has(int number) {
        return (words[number / Long.SIZE] >>> number & 1) != 0;
    }

    void add(int number) {
        words[number / Long.SIZE] |= 1L << number;
        hash ^= scatter(number);
    }

    void remove(int number) {
        words[number / Long.SIZE] &= ~(1L << number);
        hash ^= scatter(number);
    }

    TakenSet copy() {
        return new TakenSet(words.clone(), hash);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TakenSet that && hash == that.hash && Arrays.equals(words, that.words);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    private static int scatter(int number) {
        long mixed = (number + 1) * 0x9e3779b97f4a7c15L;
        return (int) ((mixed ^ mixed >>> 29) * 0xbf58476d1ce4e5b9L >>> 32);
    }
}
