package dev.lockstep.raft.testkit.explore;

import java.util.ArrayDeque;

/** A queue of int arrays, kept in large blocks: tens of millions of states wait in it. */
final class IntQueue {
    private static final int BLOCK = 1 << 16;

    private final ArrayDeque<int[]> blocks = new ArrayDeque<>();
    private int head;
    private int tail = BLOCK;
    private long size;

    boolean isEmpty() {
        return size == 0;
    }

    void add(int[] values) {
        put(values.length);
        for (int value : values) {
            put(value);
        }
        size++;
    }

    int[] remove() {
        int[] values = new int[take()];
        for (int i = 0; i < values.length; i++) {
            values[i] = take();
        }
        size--;
        return values;
    }

    private void put(int value) {
        if (tail == BLOCK) {
            blocks.addLast(new int[BLOCK]);
            tail = 0;
        }
        blocks.getLast()[tail++] = value;
    }

    private int take() {
        int value = blocks.getFirst()[head++];
        if (head == BLOCK) {
            blocks.removeFirst();
            head = 0;
        }
        return value;
    }
}
