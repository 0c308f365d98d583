package dev.lockstep.raft.message;

/**
 * Answers a {@link RequestSleep}; or says, unasked, that the sender has slept and does no longer.
 *
 * @param term the sender's term: that of the leader, or a later one
 * @param attempt of the question that it answers; 0 when it wasn't asked
 * @param asleep whether the sender sleeps, and so needs not be told that its leader lives
 */
public record SleepReply(long term, long attempt, boolean asleep) implements Message {
    public SleepReply {
        Terms.check(term);
        Terms.checkIndex("attempt", attempt);
    }
}
