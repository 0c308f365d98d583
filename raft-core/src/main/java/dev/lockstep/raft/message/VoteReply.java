package dev.lockstep.raft.message;

/**
 * Answers a {@link RequestVote}. Sent once the voter's term and vote are durable.
 *
 * @param term the voter's term
 * @param granted whether its vote in that term is the receiver's
 */
public record VoteReply(long term, boolean granted) implements Message {
    public VoteReply {
        Terms.check(term);
    }
}
