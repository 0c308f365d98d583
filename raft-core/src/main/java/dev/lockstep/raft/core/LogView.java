package dev.lockstep.raft.core;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.WrittenLog;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The log as the core sees it: the term of every entry, in memory, since terms come in runs; and
 * the newest entries themselves. Older ones are on disk and come back by {@link Effect.Load}.
 *
 * <pre>
 *   base ........... cacheFrom ........... persistFrom ......... last
 *   | on disk only   | on disk, cached     | not given to disk   |
 * </pre>
 */
final class LogView {
    private final Configurations configurations;
    private LogPosition base;

    /** The base as the disk was told it. */
    private LogPosition diskBase;

    /**
     * First index and term of each run of equal terms, ascending, all of them behind the base; only
     * the first {@code runs} count.
     */
    private long[] runIndex;

    private long[] runTerm;
    private int runs;

    private long lastIndex;

    /**
     * A ring of the entries from {@code cacheFrom} to {@code lastIndex}; an entry's place is its
     * index masked.
     */
    private Entry[] ring = new Entry[64];

    /** For each entry of the ring the bytes of all cached entries up to and with it. */
    private long[] bytesUpTo = new long[64];

    private long cacheFrom;
    private long cacheBytes;

    private long persistFrom;
    private long truncateFrom;
    private long newestTimestampMillis;

    LogView(RecoveredReplica recovered, Configurations configurations) {
        this.configurations = configurations;
        base = recovered.base();
        diskBase = base;
        runs = recovered.terms().size();
        runIndex = new long[Math.max(8, runs)];
        runTerm = new long[Math.max(8, runs)];
        for (int i = 0; i < runs; i++) {
            runIndex[i] = recovered.terms().get(i).index();
            runTerm[i] = recovered.terms().get(i).term();
        }
        lastIndex = recovered.lastIndex();
        cacheFrom = lastIndex + 1;
        persistFrom = lastIndex + 1;
        newestTimestampMillis = recovered.lastTimestampMillis();
    }

    LogPosition base() {
        return base;
    }

    long lastIndex() {
        return lastIndex;
    }

    LogPosition last() {
        return lastIndex == base.index() ? base : new LogPosition(runTerm[runs - 1], lastIndex);
    }

    /** No timestamp that was ever in this log is greater; a leader's next one isn't smaller. */
    long newestTimestampMillis() {
        return newestTimestampMillis;
    }

    /**
     * The term of the entry at the index; -1 when the log doesn't reach there, or no longer does.
     */
    long termAt(long index) {
        if (index == base.index()) {
            return base.term();
        }
        if (index < base.index() || index > lastIndex) {
            return -1;
        }
        if (index >= runIndex[runs - 1]) {
            return runTerm[runs - 1];
        }
        int at = Arrays.binarySearch(runIndex, 0, runs, index);
        return runTerm[at >= 0 ? at : -at - 2];
    }

    boolean holds(LogPosition position) {
        return termAt(position.index()) == position.term();
    }

    /**
     * The last position at or before the given one whose term isn't greater: where two logs, one of
     * which holds {@code position}, may still agree.
     */
    LogPosition lastAtOrBefore(LogPosition position) {
        long index = Math.min(position.index(), lastIndex);
        int run = runs - 1;
        while (run >= 0 && (runIndex[run] > index || runTerm[run] > position.term())) {
            index = Math.min(index, runIndex[run] - 1);
            run--;
        }
        return run < 0 ? base : new LogPosition(runTerm[run], index);
    }

    /** The last index at which this log and that of whoever gave the hint may agree. */
    long agreement(LogPosition hint) {
        // Below the base nothing is known, and a snapshot is needed wherever they agree there.
        return hint.index() < base.index() ? hint.index() : lastAtOrBefore(hint).index();
    }

    void append(Entry entry) {
        assert entry.index() == lastIndex + 1 : entry + " appended after " + last();
        assert entry.term() >= last().term() : entry + " appended after " + last();
        if (runs == 0 || runTerm[runs - 1] != entry.term()) {
            startRun(entry);
        }
        lastIndex = entry.index();
        newestTimestampMillis = Math.max(newestTimestampMillis, entry.timestampMillis());
        if (lastIndex - cacheFrom >= ring.length) {
            growRing();
        }
        ring[slot(lastIndex)] = entry;
        bytesUpTo[slot(lastIndex)] =
                entry.weightBytes() + (lastIndex > cacheFrom ? bytesUpTo[slot(lastIndex - 1)] : 0);
        cacheBytes += entry.weightBytes();
        if (entry.kind() == EntryKind.CONFIGURATION) {
            configurations.appended(entry);
        }
    }

    /** A copy of an entry that the log holds and the disk had damaged. */
    void repaired(Entry copy) {
        newestTimestampMillis = Math.max(newestTimestampMillis, copy.timestampMillis());
        if (copy.kind() == EntryKind.CONFIGURATION) {
            configurations.repaired(copy);
        }
    }

    /**
     * The first of some entries that were read back, as far as they are this log's: what was asked
     * for in an earlier role may have been overwritten since, and a snapshot may stand for it.
     */
    List<Entry> stillHeld(List<Entry> entries) {
        int end = 0;
        while (end < entries.size()
                && entries.get(end).index() > base.index()
                && holds(entries.get(end).position())) {
            end++;
        }
        return entries.subList(0, end);
    }

    /** Drops the entry at the index and all after it. */
    void truncateFrom(long index) {
        assert index > base.index() && index <= lastIndex
                : "truncation from " + index + " in " + base + ".." + last();
        for (long i = Math.max(index, cacheFrom); i <= lastIndex; i++) {
            cacheBytes -= ring[slot(i)].weightBytes();
            ring[slot(i)] = null;
        }
        configurations.truncatedFrom(index);
        lastIndex = index - 1;
        while (runs > 0 && runIndex[runs - 1] > lastIndex) {
            runs--;
        }
        cacheFrom = Math.min(cacheFrom, index);
        if (index < persistFrom) {
            persistFrom = index;
            truncateFrom = truncateFrom == 0 ? index : Math.min(truncateFrom, index);
        }
    }

    /**
     * Drops all entries up to a position that the log holds: a durable snapshot stands for them.
     */
    void moveBase(LogPosition position) {
        assert position.index() >= base.index() && holds(position)
                : "base to " + position + " in " + base + ".." + last();
        boolean onDisk =
                position.index() < persistFrom
                        && (truncateFrom == 0 || truncateFrom > position.index());
        if (!onDisk) {
            clearDisk(position);
        }
        for (long i = cacheFrom; i <= Math.min(position.index(), lastIndex); i++) {
            cacheBytes -= ring[slot(i)].weightBytes();
            ring[slot(i)] = null;
        }
        cacheFrom = Math.max(cacheFrom, position.index() + 1);
        forgetRuns(position.index());
        base = position;
    }

    /**
     * A durable snapshot takes the place of the log up to a position: where the log holds that, the
     * rest stays; else nothing does.
     *
     * @param timestampMillis at least the timestamp of every entry up to there
     */
    void restartAt(LogPosition position, long timestampMillis) {
        newestTimestampMillis = Math.max(newestTimestampMillis, timestampMillis);
        if (holds(position)) {
            moveBase(position);
            return;
        }
        clearDisk(position);
        Arrays.fill(ring, null);
        cacheBytes = 0;
        runs = 0;
        base = position;
        lastIndex = position.index();
        cacheFrom = lastIndex + 1;
        persistFrom = lastIndex + 1;
    }

    /** What the disk holds doesn't lead up to the position, so all of it goes. */
    private void clearDisk(LogPosition position) {
        if (persistFrom > diskBase.index() + 1 || truncateFrom != 0) {
            truncateFrom = diskBase.index() + 1;
        }
        persistFrom = Math.max(persistFrom, position.index() + 1);
    }

    private void forgetRuns(long upTo) {
        int first = 0;
        while (first < runs && (first + 1 < runs ? runIndex[first + 1] - 1 : lastIndex) <= upTo) {
            first++;
        }
        runs -= first;
        System.arraycopy(runIndex, first, runIndex, 0, runs);
        System.arraycopy(runTerm, first, runTerm, 0, runs);
        if (runs > 0) {
            runIndex[0] = Math.max(runIndex[0], upTo + 1);
        }
    }

    /** The first index whose entry is in memory. */
    long cacheFrom() {
        return cacheFrom;
    }

    /** Whether the entry is in memory. */
    boolean caches(long index) {
        return index >= cacheFrom && index <= lastIndex;
    }

    /** The bytes of the log from a cached entry to the end. */
    long bytesFrom(long index) {
        return bytes(index, lastIndex);
    }

    /** The bytes of cached entries, both ends included. */
    long bytes(long from, long to) {
        return bytesUpTo[slot(to)] - bytesUpTo[slot(from)] + cached(from).weightBytes();
    }

    Entry cached(long index) {
        assert caches(index) : index + " isn't cached, " + cacheFrom + ".." + lastIndex + " are";
        return ring[slot(index)];
    }

    /**
     * Cached entries from an index on: at least one, until {@code to} or until the next would pass
     * the bytes.
     */
    List<Entry> cached(long from, long to, long maxBytes) {
        long end = from;
        long bytes = cached(from).weightBytes();
        while (end < to && bytes + cached(end + 1).weightBytes() <= maxBytes) {
            end++;
            bytes += cached(end).weightBytes();
        }
        List<Entry> entries = new ArrayList<>((int) (end - from + 1));
        for (long i = from; i <= end; i++) {
            entries.add(cached(i));
        }
        return entries;
    }

    /** Forgets the oldest entries up to an index, while more bytes than the limit are cached. */
    void evict(long upTo, long limitBytes) {
        while (cacheBytes > limitBytes && cacheFrom <= upTo && cacheFrom < persistFrom) {
            cacheBytes -= ring[slot(cacheFrom)].weightBytes();
            ring[slot(cacheFrom)] = null;
            cacheFrom++;
        }
    }

    /** Whether something was dropped since {@link #takeTruncation} and {@link #takeBase}. */
    boolean isCut() {
        return truncateFrom != 0 || !base.equals(diskBase);
    }

    /** Whether something was appended since {@link #takeUnpersisted}. */
    boolean hasEntriesToGive() {
        return persistFrom <= lastIndex;
    }

    /** The end of what the disk was given. */
    long givenIndex() {
        return persistFrom - 1;
    }

    /** The position at an index of this log, its base included. */
    LogPosition positionAt(long index) {
        return index == base.index() ? base : new LogPosition(termAt(index), index);
    }

    /**
     * The disk has refused something that it was given: it is to be given all that it lacks. Up to
     * the last position that both hold they are the same, as any two logs are.
     */
    void resumeBehind(WrittenLog disk) {
        diskBase = disk.base();
        long same = Math.min(lastIndex, disk.lastIndex());
        while (same >= base.index() && disk.termAt(same) != termAt(same)) {
            same--;
        }
        boolean leadsToBase = same >= base.index();
        long kept = leadsToBase ? same : diskBase.index();
        truncateFrom = disk.lastIndex() > kept ? kept + 1 : 0;
        persistFrom = Math.max(same, base.index()) + 1;
        assert persistFrom >= cacheFrom : persistFrom + " isn't cached, from " + cacheFrom;
    }

    /** The first index that the disk must drop; 0 for none. */
    long takeTruncation() {
        long taken = truncateFrom;
        truncateFrom = 0;
        return taken;
    }

    /** The base, when the disk hasn't been told it yet; else null. */
    @Nullable LogPosition takeBase() {
        if (base.equals(diskBase)) {
            return null;
        }
        diskBase = base;
        return base;
    }

    /** The entries that the disk hasn't been given yet. */
    List<Entry> takeUnpersisted() {
        if (persistFrom > lastIndex) {
            return List.of();
        }
        List<Entry> entries = cached(persistFrom, lastIndex, Long.MAX_VALUE);
        persistFrom = lastIndex + 1;
        return entries;
    }

    private void startRun(Entry entry) {
        if (runs == runIndex.length) {
            runIndex = Arrays.copyOf(runIndex, 2 * runs);
            runTerm = Arrays.copyOf(runTerm, 2 * runs);
        }
        runIndex[runs] = entry.index();
        runTerm[runs] = entry.term();
        runs++;
    }

    private int slot(long index) {
        return (int) index & (ring.length - 1);
    }

    private void growRing() {
        Entry[] old = ring;
        long[] oldBytes = bytesUpTo;
        ring = new Entry[2 * old.length];
        bytesUpTo = new long[2 * old.length];
        for (long i = cacheFrom; i < lastIndex; i++) {
            ring[slot(i)] = old[(int) i & (old.length - 1)];
            bytesUpTo[slot(i)] = oldBytes[(int) i & (old.length - 1)];
        }
    }
}
