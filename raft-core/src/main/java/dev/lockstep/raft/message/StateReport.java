package dev.lockstep.raft.message;

import dev.lockstep.raft.model.StateHash;

/**
 * Tells the leader what the sender has made of the log up to an entry that asks for it.
 *
 * @param term the sender's term
 * @param hash of what the sender has applied
 */
public record StateReport(long term, StateHash hash) implements Message {
    public StateReport {
        Terms.check(term);
    }
}
