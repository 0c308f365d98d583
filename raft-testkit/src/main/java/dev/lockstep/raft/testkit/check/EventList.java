package dev.lockstep.raft.testkit.check;

import java.util.ArrayList;
import java.util.List;

/**
 * Invocations and returns of the completed operations, in their order, as a doubly linked list in
 * arrays. Event {@code 2 i} is the invocation of operation i and {@code 2 i + 1} its return.
 * Unlinked operations are put back in the reverse order, so each still knows its neighbours.
 */
final class EventList {
    private static final int END = -1;

    private final int[] next;
    private final int[] previous;
    private final long[] order;
    private final int[] unknowns;
    private int first = END;

    <I, O> EventList(List<Operation<I, O>> operations) {
        int events = 2 * operations.size();
        next = new int[events];
        previous = new int[events];
        order = new long[events];
        List<Integer> linked = new ArrayList<>(events);
        List<Integer> open = new ArrayList<>();
        for (int i = 0; i < operations.size(); i++) {
            order[2 * i] = operations.get(i).invoked();
            order[2 * i + 1] = operations.get(i).returned();
            if (operations.get(i).returned() == Operation.NEVER) {
                open.add(i);
            } else {
                linked.add(2 * i);
                linked.add(2 * i + 1);
            }
        }
        linked.sort((a, b) -> Long.compare(order[a], order[b]));
        int last = END;
        for (int event : linked) {
            previous[event] = last;
            setNext(last, event);
            next[event] = END;
            last = event;
        }
        unknowns = open.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The operations without a return, in the order of their invocation. */
    int[] unknowns() {
        return unknowns;
    }

    int first() {
        return first;
    }

    int after(int event) {
        return next[event];
    }

    /** False for a return and for the end of the list. */
    boolean isInvocation(int event) {
        return event != END && event % 2 == 0;
    }

    int operation(int event) {
        return event / 2;
    }

    /**
     * The place of the first return that is still in the list; {@link Operation#NEVER} when there
     * is none.
     */
    long firstReturn() {
        int event = first;
        while (isInvocation(event)) {
            event = next[event];
        }
        return event == END ? Operation.NEVER : order[event];
    }

    void unlink(int operation) {
        unlinkEvent(2 * operation);
        unlinkEvent(2 * operation + 1);
    }

    void relink(int operation) {
        relinkEvent(2 * operation + 1);
        relinkEvent(2 * operation);
    }

    private void unlinkEvent(int event) {
        setNext(previous[event], next[event]);
        if (next[event] != END) {
            previous[next[event]] = previous[event];
        }
    }

    private void relinkEvent(int event) {
        setNext(previous[event], event);
        if (next[event] != END) {
            previous[next[event]] = event;
        }
    }

    private void setNext(int event, int to) {
        if (event == END) {
            first = to;
        } else {
            next[event] = to;
        }
    }
}
