package dev.lockstep.raft.message;

/**
 * Says that the leader lives, and asks whether the receiver still follows it.
 *
 * @param term the leader's term
 * @param commit the leader's commit index, but no more than it knows the receiver to hold
 * @param round the leader's own count of such questions, returned in the reply (§6.4)
 * @param cutOff whether a quorum hasn't answered the leader for half an election timeout: then to
 *     hear it is no reason to refuse a vote
 */
public record Heartbeat(long term, long commit, long round, boolean cutOff) implements Message {
    public Heartbeat {
        Terms.check(term);
        Terms.checkIndex("commit", commit);
    }

    /** From a leader that a quorum answers. */
    public Heartbeat(long term, long commit, long round) {
        this(term, commit, round, false);
    }
}
