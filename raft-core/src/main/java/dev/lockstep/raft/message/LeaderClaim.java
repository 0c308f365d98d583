package dev.lockstep.raft.message;

/**
 * That the receiver leads a group in a term.
 *
 * @param group the group's key
 */
public record LeaderClaim(long group, long term) {
    public LeaderClaim {
        Terms.check(term);
    }
}
