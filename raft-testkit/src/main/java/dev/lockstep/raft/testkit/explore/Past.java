package dev.lockstep.raft.testkit.explore;

import java.util.Arrays;

/**
 * What has happened that no server's state tells any more: who led in which term, what was
 * committed, what pending reads must see, and how often each bounded kind of action was taken.
 * Never changed; equal when all of it is.
 */
final class Past {
    private static final int KINDS = Action.Kind.values().length;
    private static final int NOT_PENDING = -1;

    private final int terms;
    private final int reads;

    /** Leaders by term, uses by kind and of slow writes, needs by read, committed and when. */
    private final int[] all;

    private Past(int terms, int reads, int[] all) {
        this.terms = terms;
        this.reads = reads;
        this.all = all;
    }

    static Past none(Bounds bounds) {
        int fixed = bounds.terms() + 1 + KINDS + 1 + bounds.reads();
        int[] all = new int[fixed];
        Arrays.fill(all, fixed - bounds.reads(), fixed, NOT_PENDING);
        return new Past(bounds.terms(), bounds.reads(), all);
    }

    /** The leader of that term; -1 when there was none. */
    int leader(long term) {
        return all[(int) term] - 1;
    }

    Past withLeader(long term, int server) {
        return with((int) term, server + 1);
    }

    int used(Action.Kind kind) {
        return all[terms + 1 + kind.code];
    }

    int slowWrites() {
        return all[terms + 1 + KINDS];
    }

    /** The events from outside on the way to here. */
    int events() {
        int events = 0;
        for (int i = terms + 1; i < needsFrom(); i++) {
            events += all[i];
        }
        return events;
    }

    Past withUse(Action.Kind kind) {
        return with(terms + 1 + kind.code, used(kind) + 1);
    }

    Past withSlowWrite() {
        return with(terms + 1 + KINDS, slowWrites() + 1);
    }

    /** As if the way began here. */
    Past withNothingUsed() {
        int[] next = all.clone();
        Arrays.fill(next, terms + 1, needsFrom(), 0);
        return new Past(terms, reads, next);
    }

    private int needsFrom() {
        return terms + 1 + KINDS + 1;
    }

    private int committedFrom() {
        return needsFrom() + reads;
    }

    /** The least index that the answer to a read may name; -1 when it isn't waited for. */
    int need(int read) {
        return all[needsFrom() + read];
    }

    Past withNeed(int read, int index) {
        return with(needsFrom() + read, index);
    }

    Past answered(int read) {
        return with(needsFrom() + read, NOT_PENDING);
    }

    int committed() {
        return (all.length - committedFrom()) / 2;
    }

    /** The entry at an index that was committed. */
    int committedEntry(int index) {
        return all[committedFrom() + 2 * (index - 1)];
    }

    /** The term of whoever first took it for committed. */
    int committedIn(int index) {
        return all[committedFrom() + 2 * (index - 1) + 1];
    }

    Past withCommitted(int entry, long term) {
        int[] next = Arrays.copyOf(all, all.length + 2);
        next[all.length] = entry;
        next[all.length + 1] = (int) term;
        return new Past(terms, reads, next);
    }

    private Past with(int at, int value) {
        int[] next = all.clone();
        next[at] = value;
        return new Past(terms, reads, next);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Past that && Arrays.equals(all, that.all);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(all);
    }
}
