package dev.lockstep.raft.testkit.explore;

/** A set of longs in one array, with open addressing. */
final class LongTable {
    private static final double FULL = 0.6;

    private long[] table;
    private int size;
    private boolean holdsZero;

    LongTable(int capacity) {
        table = new long[Integer.highestOneBit(Math.max(16, capacity) * 2 - 1)];
    }

    int size() {
        return size;
    }

    /** Whether it wasn't there. */
    boolean add(long value) {
        if (value == 0) {
            boolean added = !holdsZero;
            holdsZero = true;
            size += added ? 1 : 0;
            return added;
        }
        if (!put(table, value)) {
            return false;
        }
        size++;
        if (size > FULL * table.length) {
            grow();
        }
        return true;
    }

    private static boolean put(long[] table, long value) {
        int mask = table.length - 1;
        int at = (int) (value ^ (value >>> 32)) & mask;
        while (table[at] != 0) {
            if (table[at] == value) {
                return false;
            }
            at = (at + 1) & mask;
        }
        table[at] = value;
        return true;
    }

    private void grow() {
        long[] larger = new long[2 * table.length];
        for (long value : table) {
            if (value != 0) {
                put(larger, value);
            }
        }
        table = larger;
    }
}
