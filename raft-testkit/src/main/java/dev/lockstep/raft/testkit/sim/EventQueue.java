package dev.lockstep.raft.testkit.sim;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is still to happen, soonest first: a heap of four children to a node, since the queue is
 * what a simulation does most and such a heap is half as deep as a binary one.
 */
final class EventQueue {
    private static final int CHILDREN = 4;

    private Event[] heap = new Event[256];
    private int size;

    /** One thing that is to happen. */
    static final class Event {
        final long atNanos;

        /** Which of two at the same time comes first. */
        private final long rank;

        final String kind;
        final int owner;
        final Runnable task;

        /**
         * @param rank different from that of every other event
         */
        Event(long atNanos, long rank, String kind, int owner, Runnable task) {
            this.atNanos = atNanos;
            this.rank = rank;
            this.kind = kind;
            this.owner = owner;
            this.task = task;
        }

        private boolean isBefore(Event other) {
            return atNanos != other.atNanos ? atNanos < other.atNanos : rank < other.rank;
        }
    }

    /** The soonest, which stays; null when there is none. */
    @Nullable Event peek() {
        return size == 0 ? null : heap[0];
    }

    void add(Event event) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        int at = size++;
        while (at > 0) {
            int parent = (at - 1) / CHILDREN;
            if (!event.isBefore(heap[parent])) {
                break;
            }
            heap[at] = heap[parent];
            at = parent;
        }
        heap[at] = event;
    }

    /** Takes the soonest; null when there is none. */
    @Nullable Event poll() {
        if (size == 0) {
            return null;
        }
        Event first = heap[0];
        Event last = heap[--size];
        int at = 0;
        int child = 1;
        while (child < size) {
            int least = child;
            int end = Math.min(child + CHILDREN, size);
            for (int other = child + 1; other < end; other++) {
                if (heap[other].isBefore(heap[least])) {
                    least = other;
                }
            }
            if (!heap[least].isBefore(last)) {
                break;
            }
            heap[at] = heap[least];
            at = least;
            child = CHILDREN * at + 1;
        }
        // The places from size on keep what they had: it is overwritten, or garbage with the run.
        heap[at] = last;
        return first;
    }
}
