package dev.lockstep.raft.core;

import dev.lockstep.raft.model.Entry;
import java.util.ArrayDeque;
import java.util.List;

/**
 * The way from committed to applied. Committed entries go to the state machine in log order, in
 * batches, with a bound on the bytes that it has not answered; those that are no longer cached are
 * read back first, a page at a time.
 *
 * <p>{@code applied <= handed <= committed}
 *
 * <p>A leader whose state machine doesn't keep up takes no more proposals at a bound on {@link
 * #unappliedBytes}.
 */
final class CommitQueue {
    private final RaftCore core;
    private final ArrayDeque<Batch> applying = new ArrayDeque<>();
    private long committed;
    private long handed;
    private long applied;
    private long applyingBytes;
    private boolean loading;

    /**
     * The bytes of what is committed and not handed out, from an index on: what was there before
     * this start isn't weighed, nor is it in memory.
     */
    private long waitingBytes;

    private long weighedFrom = Long.MAX_VALUE;

    private record Batch(long last, long bytes) {}

    CommitQueue(RaftCore core, long base) {
        this.core = core;
        committed = base;
        handed = base;
        applied = base;
    }

    long committed() {
        return committed;
    }

    long applied() {
        return applied;
    }

    long handed() {
        return handed;
    }

    /** The bytes of what was committed since the start and isn't applied. */
    long unappliedBytes() {
        return waitingBytes + applyingBytes;
    }

    /** Moves the commit index, never back, never beyond the log, and never to damaged entries. */
    void commitTo(long index) {
        assert index <= core.log.lastIndex()
                : "commit " + index + " beyond the log's end " + core.log.last();
        long before = committed;
        committed = Math.max(committed, Math.min(index, core.repair.soundUpTo()));
        weigh(before + 1);
    }

    /** What is in memory of the committed entries from an index on waits to be handed out. */
    private void weigh(long from) {
        long first = Math.max(from, core.log.cacheFrom());
        if (first <= committed && !core.self.isWitness()) {
            waitingBytes += core.log.bytes(first, committed);
            weighedFrom = Math.min(weighedFrom, first);
        }
    }

    /** Gives the state machine what it has room for. */
    void handOut() {
        if (core.self.isWitness()) {
            passBy();
            return;
        }
        long until = mayHandOut();
        while (handed < until && !loading && applyingBytes < core.options.maxApplyingBytes()) {
            long room = core.options.maxApplyingBytes() - applyingBytes;
            if (!core.log.caches(handed + 1)) {
                loading = true;
                core.outbox.add(new Effect.Load(handed + 1, (int) room));
                return;
            }
            handOut(core.log.cached(handed + 1, until, room));
        }
    }

    /** How far the state machine may be given what is committed. */
    private long mayHandOut() {
        // What is committed may turn out to be damaged before it is applied.
        long until = Math.min(committed, core.repair.soundUpTo());
        // A state that outlives a crash must not hold what the own log then lacks.
        return core.ownState == null ? until : Math.min(until, core.durableIndex());
    }

    /** A witness has nothing to apply; its log is measured all the same. */
    private void passBy() {
        if (handed < committed) {
            core.snapshots.handed(committed, (committed - handed) * Entry.OVERHEAD_BYTES);
            handed = committed;
            applied = committed;
        }
    }

    /**
     * Entries came back from the disk, perhaps asked for by a leader and before they were
     * overwritten: none are left of those, and they are asked for again. They may reach further
     * than the state machine may go, as when they were written and not synced yet.
     */
    void loaded(long from, List<Entry> entries) {
        if (!loading || from != handed + 1) {
            return;
        }
        loading = false;
        long end = Math.min(entries.size(), mayHandOut() - handed);
        if (end > 0) {
            handOut(entries.subList(0, (int) end));
        }
    }

    void applied(long index) {
        assert index <= handed : "applied " + index + " of " + handed + " handed out";
        applied = Math.max(applied, index);
        while (!applying.isEmpty() && applying.peekFirst().last() <= index) {
            applyingBytes -= applying.removeFirst().bytes();
            core.health.machine.answered(core.now());
        }
    }

    /** A snapshot takes the place of everything up to an index, applied or not. */
    void restartAt(long index) {
        assert index > handed : "snapshot at " + index + " with " + handed + " handed out";
        committed = Math.max(committed, index);
        handed = index;
        loading = false;
        waitingBytes = 0;
        weighedFrom = Long.MAX_VALUE;
        weigh(index + 1);
        if (core.self.isWitness()) {
            applied = index;
        }
    }

    private void handOut(List<Entry> entries) {
        long bytes = 0;
        for (int i = 0; i < entries.size(); i++) {
            int weight = entries.get(i).weightBytes();
            bytes += weight;
            waitingBytes -= handed + i + 1 >= weighedFrom ? weight : 0;
            core.snapshots.handed(handed + i + 1, weight);
        }
        handed += entries.size();
        applying.addLast(new Batch(handed, bytes));
        applyingBytes += bytes;
        core.health.machine.asked(core.now());
        core.outbox.add(new Effect.Apply(entries));
    }
}
