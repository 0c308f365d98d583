package dev.lockstep.raft.message;

/**
 * Answers a {@link Heartbeat}; says nothing of the sender's log.
 *
 * @param term the sender's term: that of the leader, or a later one
 * @param round of the heartbeat that it answers
 * @param promiseNanos for how long the sender gives no vote from the receipt of that heartbeat on,
 *     its own included, except in a campaign that the leader asks for; 0 when it promises nothing
 */
public record HeartbeatReply(long term, long round, long promiseNanos) implements Message {
    public HeartbeatReply {
        Terms.check(term);
        if (promiseNanos < 0) {
            throw new IllegalArgumentException(
                    "promiseNanos must not be negative: " + promiseNanos);
        }
    }

    /** One that promises nothing. */
    public HeartbeatReply(long term, long round) {
        this(term, round, 0);
    }
}
