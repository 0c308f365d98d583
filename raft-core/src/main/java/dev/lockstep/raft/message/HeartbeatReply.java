package dev.lockstep.raft.message;

/**
 * Answers a {@link Heartbeat}; says nothing of the sender's log.
 *
 * @param term the sender's term: that of the leader, or a later one
 * @param round of the heartbeat that it answers
 */
public record HeartbeatReply(long term, long round) implements Message {
    public HeartbeatReply {
        Terms.check(term);
    }
}
