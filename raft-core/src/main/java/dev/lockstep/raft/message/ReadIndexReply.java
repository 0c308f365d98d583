package dev.lockstep.raft.message;

/**
 * Answers a {@link RequestReadIndex}, after a quorum has confirmed the leader.
 *
 * @param term the leader's term
 * @param id of the request
 * @param granted false when the sender couldn't confirm that it leads; ask again
 * @param index a committed index; the read may run once the requester has applied it; 0 when
 *     refused
 */
public record ReadIndexReply(long term, long id, boolean granted, long index) implements Message {
    public ReadIndexReply {
        Terms.check(term);
        Terms.checkIndex("index", index);
    }
}
