package dev.lockstep.raft.message;

/**
 * The sender durably holds the leader's log up to {@code match}: what the answered message proved,
 * never more.
 *
 * @param term the leader's term
 * @param match the last index that the answered message covered
 */
public record AppendAccepted(long term, long match) implements Message {
    public AppendAccepted {
        Terms.check(term);
        Terms.checkIndex("match", match);
    }
}
