package dev.lockstep.raft.message;

/**
 * Asks the leader for an index at which a read, made on the sender, is linearizable (§6.4).
 *
 * @param term the sender's term
 * @param id the sender's own number for the request, returned in the reply
 * @param byLease whether a leader that has a lease may answer without asking a quorum
 */
public record RequestReadIndex(long term, long id, boolean byLease) implements Message {
    public RequestReadIndex {
        Terms.check(term);
    }

    /** To be confirmed by a quorum. */
    public RequestReadIndex(long term, long id) {
        this(term, id, false);
    }
}
