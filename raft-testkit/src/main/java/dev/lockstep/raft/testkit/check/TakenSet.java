package dev.lockstep.raft.testkit.check;

import java.util.Arrays;

/**
 * A set of small numbers. In a search all numbers below some window are in it and none above, so a
 * frozen copy holds the window only.
 */
final class TakenSet {
    private static final long FULL = -1L;

    private final long[] words;
    private int hash;

    TakenSet(int size) {
        words = new long[size / Long.SIZE + 1];
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

    Frozen frozen() {
        int from = 0;
        while (from < words.length && words[from] == FULL) {
            from++;
        }
        int to = words.length;
        while (to > from && words[to - 1] == 0) {
            to--;
        }
        return new Frozen(from, Arrays.copyOfRange(words, from, to), hash);
    }

    private static int scatter(int number) {
        long mixed = (number + 1) * 0x9e3779b97f4a7c15L;
        return (int) ((mixed ^ mixed >>> 29) * 0xbf58476d1ce4e5b9L >>> 32);
    }

    /** The set as it was at one moment. */
    static final class Frozen {
        private final int full;
        private final long[] window;
        private final int hash;

        private Frozen(int full, long[] window, int hash) {
            this.full = full;
            this.window = window;
            this.hash = hash;
        }

        /** Whether everything that is in this one is in the other, too. */
        boolean isSubsetOf(Frozen other) {
            for (int word = 0; word < Math.max(full + window.length, other.full); word++) {
                if ((word(word) & ~other.word(word)) != 0) {
                    return false;
                }
            }
            return true;
        }

        private long word(int at) {
            if (at < full) {
                return FULL;
            }
            return at < full + window.length ? window[at - full] : 0;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Frozen that
                    && hash == that.hash
                    && full == that.full
                    && Arrays.equals(window, that.window);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }
}
