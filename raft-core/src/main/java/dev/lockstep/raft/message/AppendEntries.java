package dev.lockstep.raft.message;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.LogPosition;
import java.util.List;

/**
 * The leader's claim that {@code entries} follow {@code previous} in its log (§3.5).
 *
 * @param term the leader's term, at least 1
 * @param previous the position just before the first entry
 * @param entries consecutive entries, never changed after this; empty in a probe
 * @param commit the leader's commit index, which may lie beyond these entries
 */
public record AppendEntries(long term, LogPosition previous, List<Entry> entries, long commit)
        implements Message {
    public AppendEntries {
        Terms.check(term);
        Terms.checkIndex("commit", commit);
        long index = previous.index();
        long lastTerm = previous.term();
        if (lastTerm > term) {
            throw new IllegalArgumentException(
                    "previous " + previous + " can't be in the log of a leader of term " + term);
        }
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (entry.index() != ++index || entry.term() < lastTerm || entry.term() > term) {
                throw new IllegalArgumentException(
                        entry
                                + " can't follow "
                                + lastTerm
                                + ":"
                                + (index - 1)
                                + " in an append of term "
                                + term);
            }
            lastTerm = entry.term();
        }
    }

    /**
     * The index of the last entry that this message proves: of the previous one when it brings
     * none.
     */
    public long lastIndex() {
        return previous.index() + entries.size();
    }

    @Override
    public String toString() {
        return "AppendEntries(term="
                + term
                + ", previous="
                + previous
                + ", entries="
                + (entries.isEmpty()
                        ? "none"
                        : entries.size() == 1
                                ? entries.get(0)
                                : entries.get(0) + ".." + entries.get(entries.size() - 1))
                + ", commit="
                + commit
                + ")";
    }
}
