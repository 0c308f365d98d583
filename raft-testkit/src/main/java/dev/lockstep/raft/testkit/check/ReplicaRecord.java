package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.WrittenLog;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one replica has written, and how much of it was synced: what it must find again after every
 * crash. Each question answers with a breach, or null if there is none.
 */
final class ReplicaRecord {
    /** By index, the term of each entry that was written; 0 where there is none. */
    private long[] terms = new long[1024];

    private final ReplicaId id;
    private long base;
    private long last;
    private HardState hardState = HardState.INITIAL;
    private HardState durableHardState = HardState.INITIAL;

    /** What was synced and not truncated since, synced or not: it must be there after a crash. */
    private long kept;

    /** Up to here the log is synced, as it is now. */
    private long durable;

    /** What both were before the last write. */
    private long keptBefore;

    private long keptTermBefore;
    private long durableBefore;
    private long durableTermBefore;

    ReplicaRecord(ReplicaId id) {
        this.id = id;
    }

    ReplicaId id() {
        return id;
    }

    /** The index just before the first entry that it keeps. */
    long base() {
        return base;
    }

    long last() {
        return last;
    }

    boolean isWitness() {
        return id.isWitness();
    }

    /** Whether there is anything that it must find again. */
    boolean hasSynced() {
        return durable > 0 || durableHardState.term() > 0;
    }

    /** The last entry that was written, synced or not. */
    LogPosition lastWritten() {
        return last == 0 ? LogPosition.ZERO : new LogPosition(terms[(int) last], last);
    }

    LogPosition lastDurable() {
        return durable == 0 ? LogPosition.ZERO : new LogPosition(terms[(int) durable], durable);
    }

    HardState hardState() {
        return hardState;
    }

    HardState durableHardState() {
        return durableHardState;
    }

    /** The term of the entry that was written there; 0 when none is. */
    long termAt(long index) {
        return index > 0 && index <= last && index < terms.length ? terms[(int) index] : 0;
    }

    /** Whether the entry is on the disk, or was, in a prefix that was replaced since. */
    boolean holdsDurably(LogPosition position) {
        long index = position.index();
        return index <= base || index <= durable && termAt(index) == position.term();
    }

    /** Whether the entry was written, synced or not. */
    boolean holds(LogPosition position) {
        return position.index() <= base || termAt(position.index()) == position.term();
    }

    /** Takes what a new life has found on the disk. */
    @Nullable String recovered(RecoveredReplica found) {
        String breach = null;
        HardState now = found.hardState();
        if (now.term() < durableHardState.term()
                || now.term() == durableHardState.term()
                        && durableHardState.vote() != null
                        && !durableHardState.vote().equals(now.vote())) {
            breach = "had synced " + durableHardState + " and finds " + now;
        }
        long[] foundTerms = expanded(found.base(), found.terms(), found.lastIndex());
        long checked = isReplaced(found.snapshot()) ? 0 : kept;
        for (long index = found.base().index() + 1; index <= checked && breach == null; index++) {
            long term = index < foundTerms.length ? foundTerms[(int) index] : 0;
            if (term != terms[(int) index]) {
                breach =
                        "had synced "
                                + new LogPosition(terms[(int) index], index)
                                + " and finds "
                                + (term == 0 ? "nothing" : "one of term " + term)
                                + " there, in a log that ends at "
                                + found.lastIndex();
            }
        }
        terms = foundTerms;
        base = found.base().index();
        last = found.lastIndex();
        hardState = now;
        durableHardState = now;
        kept = last;
        durable = last;
        return breach;
    }

    /** Whether a snapshot was durable that the log doesn't lead up to: then all of it goes. */
    private boolean isReplaced(@Nullable SnapshotMeta snapshot) {
        return snapshot != null && !holds(snapshot.position());
    }

    private static long[] expanded(LogPosition base, List<LogPosition> starts, long last) {
        long[] expanded = new long[(int) Math.max(1024, last + 1)];
        expanded[(int) base.index()] = base.term();
        for (int i = 0; i < starts.size(); i++) {
            long end = i + 1 < starts.size() ? starts.get(i + 1).index() : last + 1;
            Arrays.fill(expanded, (int) starts.get(i).index(), (int) end, starts.get(i).term());
        }
        return expanded;
    }

    /** Of the last write only a part was taken. */
    void refused(WrittenLog taken) {
        terms = expanded(taken.base(), taken.terms(), taken.lastIndex());
        base = taken.base().index();
        last = taken.lastIndex();
        hardState = taken.hardState();
        kept = stillThere(keptBefore, keptTermBefore, kept);
        durable = stillThere(durableBefore, durableTermBefore, durable);
    }

    /** The truncation of the last write may not have been taken. */
    private long stillThere(long before, long termBefore, long now) {
        return before <= last && (before <= base || termAt(before) == termBefore)
                ? before
                : Math.min(now, last);
    }

    @Nullable String wrote(ReplicaWrite write) {
        keptBefore = kept;
        keptTermBefore = termAt(kept);
        durableBefore = durable;
        durableTermBefore = termAt(durable);
        HardState next = write.hardState();
        if (next != null) {
            if (next.term() < hardState.term()) {
                return "went from " + hardState + " to " + next;
            }
            if (next.term() == hardState.term()
                    && hardState.vote() != null
                    && !hardState.vote().equals(next.vote())) {
                return "voted twice in a term: " + hardState + ", then " + next;
            }
            hardState = next;
        }
        if (write.truncateFrom() > 0) {
            last = write.truncateFrom() - 1;
            kept = Math.min(kept, last);
            durable = Math.min(durable, last);
        }
        LogPosition newBase = write.base();
        if (newBase != null) {
            String breach = movesBase(newBase);
            if (breach != null) {
                return breach;
            }
        }
        for (Entry entry : write.entries()) {
            if (entry.index() != last + 1) {
                return "wrote " + entry + " behind " + last;
            }
            if (last + 1 >= terms.length) {
                terms = Arrays.copyOf(terms, 2 * terms.length);
            }
            terms[(int) ++last] = entry.term();
        }
        return null;
    }

    private @Nullable String movesBase(LogPosition next) {
        if (next.index() > last) {
            if (last > base) {
                return "cut its log, which ends at " + last + ", up to " + next;
            }
            while (next.index() >= terms.length) {
                terms = Arrays.copyOf(terms, 2 * terms.length);
            }
            terms[(int) next.index()] = next.term();
            last = next.index();
        } else if (termAt(next.index()) != next.term()) {
            return "cut its log up to " + next + ", where it has term " + termAt(next.index());
        }
        base = next.index();
        return null;
    }

    void synced() {
        durableHardState = hardState;
        kept = last;
        durable = last;
    }
}
