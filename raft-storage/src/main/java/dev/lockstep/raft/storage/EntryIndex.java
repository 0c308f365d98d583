package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.LogPosition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where one group's entries are. Twelve bytes each, and one pair for every term. The log's writer
 * changes it and any thread reads it, each under the lock for as long as it takes to copy a few
 * numbers.
 */
final class EntryIndex {
    private static final int FIRST_CAPACITY = 4;
    private static final int MOST_KEPT_UNSYNCED = 16;

    private final LiveBytes live;
    private LogPosition base;
    private long[] places = new long[FIRST_CAPACITY];
    private int[] lengths = new int[FIRST_CAPACITY];
    private int count;
    private final List<LogPosition> terms = new ArrayList<>(1);

    /**
     * The last entries, which aren't known to be on the disk; shared with whoever appended them.
     */
    private final ArrayList<Entry> unsynced = new ArrayList<>(0);

    private int unsyncedPeak;

    /**
     * @param base the position before the first entry that is kept
     * @param live told of every entry that comes, moves or goes
     */
    EntryIndex(LogPosition base, LiveBytes live) {
        this.base = base;
        this.live = live;
    }

    /**
     * A log as a checkpoint describes it: its entries stand in segments that aren't there any more,
     * unless they are found again behind it.
     *
     * @param terms the position of the first entry of each term
     */
    EntryIndex(LogPosition base, List<LogPosition> terms, LogPosition last, LiveBytes live) {
        this(base, live);
        count = Math.toIntExact(last.index() - base.index());
        places = new long[Math.max(FIRST_CAPACITY, count)];
        lengths = new int[places.length];
        for (int i = 0; i < count; i++) {
            live.add(places[i], lengths[i]);
        }
        this.terms.addAll(terms);
    }

    /** Takes over where another index has the same entries, which only it may know. */
    synchronized void takePlaces(EntryIndex other) {
        for (long index = base.index() + 1; index <= base.index() + count; index++) {
            if (index > other.base().index() && other.holds(positionAt(index))) {
                int at = (int) (index - other.base.index() - 1);
                move((int) (index - base.index() - 1), other.places[at], other.lengths[at]);
            }
        }
    }

    /** Nobody will use this any more: none of its entries keeps a segment. */
    synchronized void giveUp() {
        for (int i = 0; i < count; i++) {
            live.remove(places[i], lengths[i]);
        }
        count = 0;
        terms.clear();
        unsynced.clear();
    }

    /** The positions of the entries that aren't on this disk any more. */
    synchronized List<LogPosition> lost() {
        List<LogPosition> lost = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (places[i] == Place.LOST) {
                lost.add(positionAt(base.index() + 1 + i));
            }
        }
        return lost;
    }

    /** Whether the bytes of a kept entry aren't on this disk any more. */
    synchronized boolean isLost(long index) {
        return places[(int) (index - base.index() - 1)] == Place.LOST;
    }

    synchronized LogPosition base() {
        return base;
    }

    /** A copy of a kept entry takes the place of the one that stood elsewhere, or is lost. */
    synchronized void relocate(long index, long place, int length) {
        move((int) (index - base.index() - 1), place, length);
    }

    private void move(int i, long place, int length) {
        live.remove(places[i], lengths[i]);
        places[i] = place;
        lengths[i] = length;
        live.add(place, length);
    }

    /** Whether the log holds this position, or begins behind it. */
    synchronized boolean holds(LogPosition position) {
        return position.equals(base) || contains(position.term(), position.index());
    }

    /** Whether an entry of this position is kept. */
    synchronized boolean contains(long term, long index) {
        return index > base.index() && index <= base.index() + count && termAt(index) == term;
    }

    /** Drops the entries up to a position; where none are left, the log goes on behind it. */
    synchronized void moveBase(LogPosition position) {
        int drop = (int) Math.min(position.index() - base.index(), count);
        int dropUnsynced = Math.max(drop - (count - unsynced.size()), 0);
        for (int i = 0; i < drop; i++) {
            live.remove(places[i], lengths[i]);
        }
        unsynced.subList(0, dropUnsynced).clear();
        count -= drop;
        places = Arrays.copyOfRange(places, drop, drop + Math.max(count, FIRST_CAPACITY));
        lengths = Arrays.copyOfRange(lengths, drop, drop + Math.max(count, FIRST_CAPACITY));
        LogPosition first = count == 0 ? null : positionAt(position.index() + 1);
        terms.removeIf(run -> run.index() <= position.index() + 1);
        if (first != null) {
            terms.add(0, first);
        }
        base = position;
    }

    private LogPosition positionAt(long index) {
        return new LogPosition(termAt(index), index);
    }

    synchronized LogPosition last() {
        return count == 0 ? base : new LogPosition(lastTerm(), base.index() + count);
    }

    /** The position of the first kept entry of each term. */
    synchronized List<LogPosition> terms() {
        return List.copyOf(terms);
    }

    /** The term of an entry that is kept, or of the base. */
    synchronized long termAt(long index) {
        for (int run = terms.size() - 1; run >= 0; run--) {
            if (terms.get(run).index() <= index) {
                return terms.get(run).term();
            }
        }
        return base.term();
    }

    /** Adds the next entry, known to be on the disk. */
    synchronized void add(long term, long place, int length) {
        if (count == places.length) {
            places = Arrays.copyOf(places, count + (count >> 1) + 2);
            lengths = Arrays.copyOf(lengths, places.length);
        }
        live.add(place, length);
        places[count] = place;
        lengths[count] = length;
        count++;
        if (terms.isEmpty() || lastTerm() != term) {
            terms.add(new LogPosition(term, base.index() + count));
        }
    }

    /**
     * Adds the next entry, which stays readable from memory until {@link #synced}.
     *
     * @return whether it is the only such entry
     */
    synchronized boolean add(Entry entry, long place, int length) {
        add(entry.term(), place, length);
        assert entry.index() == base.index() + count : entry + " is at " + (base.index() + count);
        unsynced.add(entry);
        unsyncedPeak = Math.max(unsyncedPeak, unsynced.size());
        return unsynced.size() == 1;
    }

    /** Drops the entries from this one on. */
    synchronized void truncate(long from) {
        int keep = (int) (from - base.index() - 1);
        assert keep >= 0 && keep < count
                : "truncation at " + from + " of " + base + " and " + count + " entries";
        int firstUnsynced = count - unsynced.size();
        unsynced.subList(
                        Math.min(Math.max(keep - firstUnsynced, 0), unsynced.size()),
                        unsynced.size())
                .clear();
        for (int i = keep; i < count; i++) {
            live.remove(places[i], lengths[i]);
        }
        count = keep;
        while (!terms.isEmpty() && terms.get(terms.size() - 1).index() >= from) {
            terms.remove(terms.size() - 1);
        }
    }

    synchronized void synced() {
        unsynced.clear();
        if (unsyncedPeak > MOST_KEPT_UNSYNCED) {
            unsynced.trimToSize(); // the room that one busy moment needed isn't kept for ever
            unsyncedPeak = 0;
        }
    }

    /** Whether an entry stands in a segment up to {@code last}, or did and is lost. */
    synchronized boolean hasUpTo(long last) {
        for (int i = 0; i < count; i++) {
            if (Place.segment(places[i]) <= last) {
                return true;
            }
        }
        return false;
    }

    /**
     * The first entries, from {@code from} on, that stand in segments up to {@code last} and follow
     * each other there, without those that are lost; null where there is none. All of these are
     * synced.
     */
    synchronized @Nullable Selection selectUpTo(long last, long from, int maxBytes, int maxCount) {
        int first = (int) Math.max(0, from - base.index() - 1);
        while (first < count && !standsUpTo(last, first)) {
            first++;
        }
        if (first == count) {
            return null;
        }
        int end = first;
        int most = first + Math.min(count - first, maxCount);
        for (long bytes = 0; end < most && standsUpTo(last, end); end++) {
            bytes += lengths[end];
            if (bytes > maxBytes && end > first) {
                break;
            }
        }
        return new Selection(
                base.index() + 1 + first,
                Arrays.copyOfRange(places, first, end),
                Arrays.copyOfRange(lengths, first, end),
                List.of());
    }

    private boolean standsUpTo(long last, int i) {
        return places[i] != Place.LOST && Place.segment(places[i]) <= last;
    }

    /**
     * What a read of entries from {@code from} on will return, as it is at this moment.
     *
     * @throws IllegalArgumentException when {@code from} isn't kept
     */
    synchronized Selection select(long from, int maxBytes) {
        int first = (int) (from - base.index() - 1);
        if (from <= base.index() || from > base.index() + count) {
            throw new IllegalArgumentException(
                    "index "
                            + from
                            + " isn't in the log, which holds "
                            + (base.index() + 1)
                            + " to "
                            + (base.index() + count));
        }
        int end = first;
        for (long weight = 0; end < count; end++) {
            weight += Entry.OVERHEAD_BYTES + lengths[end] - RecordDraft.ENTRY_OVERHEAD_BYTES;
            if (weight > maxBytes && end > first) {
                break;
            }
        }
        int firstUnsynced = count - unsynced.size();
        int stored = Math.max(Math.min(end, firstUnsynced), first);
        List<Entry> tail =
                List.copyOf(
                        unsynced.subList(
                                Math.max(stored - firstUnsynced, 0),
                                Math.max(end - firstUnsynced, 0)));
        return new Selection(
                from,
                Arrays.copyOfRange(places, first, stored),
                Arrays.copyOfRange(lengths, first, stored),
                tail);
    }

    private long lastTerm() {
        return terms.get(terms.size() - 1).term();
    }
}
