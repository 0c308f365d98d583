package dev.lockstep.raft.message;

/**
 * The sender durably holds the leader's log up to {@code match}: what the answered message proved,
 * never more.
 *
 * @param term the leader's term
 * @param match the last index that the answered message covered
 * @param stalledMillis for how long the sender's state machine has been stuck; 0 when it isn't.
 *     That its disk isn't, the message itself shows
 */
public record AppendAccepted(long term, long match, long stalledMillis) implements Message {
    public AppendAccepted {
        Terms.check(term);
        Terms.checkIndex("match", match);
        Terms.checkIndex("stalledMillis", stalledMillis);
    }

    /** From a server in good health. */
    public AppendAccepted(long term, long match) {
        this(term, match, 0);
    }
}
