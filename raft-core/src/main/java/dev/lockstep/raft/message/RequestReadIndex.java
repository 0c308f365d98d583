package dev.lockstep.raft.message;

/**
 * Asks the leader for an index at which a read, made on the sender, is linearizable (§6.4).
 *
 * @param term the sender's term
 * @param id the sender's own number for the request, returned in the reply
 */
public record RequestReadIndex(long term, long id) implements Message {
    public RequestReadIndex {
        Terms.check(term);
    }
}
