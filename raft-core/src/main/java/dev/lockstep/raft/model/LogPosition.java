package dev.lockstep.raft.model;

/**
 * A place in a log. Ordered as the up-to-date check of elections orders logs: by term first, then
 * by index (§3.6.1).
 *
 * @param term the term of the entry at {@code index}; 0 only before the first entry
 * @param index counts from 1; 0 is the place before the first entry
 */
public record LogPosition(long term, long index) implements Comparable<LogPosition> {
    /** The place before the first entry of every log. */
    public static final LogPosition ZERO = new LogPosition(0, 0);

    public LogPosition {
        if (term < 0 || index < 0 || (term == 0) != (index == 0)) {
            throw new IllegalArgumentException(
                    "no log has a position with term " + term + " and index " + index);
        }
    }

    @Override
    public int compareTo(LogPosition other) {
        int byTerm = Long.compare(term, other.term);
        return byTerm != 0 ? byTerm : Long.compare(index, other.index);
    }

    @Override
    public String toString() {
        return term + ":" + index;
    }
}
