package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Fault;
import java.util.List;

/**
 * One damaged place of a log.
 *
 * @param code {@code LOG_CORRUPT}, {@code LOG_GAP} or {@code INCOMPATIBLE_VERSION}
 * @param file the file's name
 * @param offset where in it
 * @param from the beginning of the batch that is damaged; all before it in the log is whole, or
 *     told of by an earlier damage
 * @param what what was found there
 * @param lost the records that can't be read, as far as a second place tells of them
 * @param allNamed whether those are all that were lost here
 */
public record StoredDamage(
        Fault.Code code,
        String file,
        long offset,
        long from,
        String what,
        List<LostRecord> lost,
        boolean allNamed) {
    public StoredDamage {
        lost = List.copyOf(lost);
    }

    /**
     * What is still known of a record that can't be read.
     *
     * @param kind its kind, such as {@code ENTRY}
     * @param group the group's key
     */
    public record LostRecord(String kind, long group, long term, long index) {}
}
