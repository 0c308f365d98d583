package dev.lockstep.raft.message;

/**
 * The leader asks the receiver, which holds its whole log, to campaign at once (§3.10).
 *
 * @param term the leader's term
 */
public record TimeoutNow(long term) implements Message {
    public TimeoutNow {
        Terms.check(term);
    }
}
