package dev.lockstep.raft.message;

/**
 * Says that the leader lives, and asks whether the receiver still follows it.
 *
 * @param term the leader's term
 * @param commit the leader's commit index, but no more than it knows the receiver to hold
 * @param round the leader's own count of such questions, returned in the reply (§6.4)
 */
public record Heartbeat(long term, long commit, long round) implements Message {
    public Heartbeat {
        Terms.check(term);
        Terms.checkIndex("commit", commit);
    }
}
