package dev.lockstep.raft.model;

import java.util.List;

/**
 * What a log store has taken of one replica, durable or not.
 *
 * @param hardState the last one that was taken
 * @param base the position before the first entry that is kept
 * @param terms the position of the first kept entry of each term, ascending
 * @param lastIndex of the last entry; that of the base where there is none
 */
public record WrittenLog(
        HardState hardState, LogPosition base, List<LogPosition> terms, long lastIndex) {
    /** The term of an entry that is kept, or of the base; -1 elsewhere. */
    public long termAt(long index) {
        if (index < base.index() || index > lastIndex) {
            return -1;
        }
        for (int run = terms.size() - 1; run >= 0; run--) {
            if (terms.get(run).index() <= index) {
                return terms.get(run).term();
            }
        }
        return base.term();
    }
}
