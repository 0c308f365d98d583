package dev.lockstep.raft.core;

import dev.lockstep.raft.model.LogPosition;

/**
 * Names what a {@link Effect.Persist} makes durable: everything up to it. It counts only while the
 * term is the core's and the log still holds the position; one of an earlier term may speak of
 * entries that are no longer the log's. The first persist of each term attests the whole log anew,
 * so nothing waits for a token that didn't count.
 *
 * @param term the term in which it was issued
 * @param last the end of the log at that moment, but for what a full disk has refused
 * @param longestPromiseNanos that of the hard state at that moment; it counts whatever the term is
 * @param copies the number of the last copy of a damaged entry that the disk was given
 */
public record PersistToken(long term, LogPosition last, long longestPromiseNanos, long copies) {
    /** Of a server that never promised anything. */
    public PersistToken(long term, LogPosition last) {
        this(term, last, 0, 0);
    }
}
