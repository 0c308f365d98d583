package dev.lockstep.raft.message;

import dev.lockstep.raft.model.StateHash;

/**
 * Tells a replica that a majority of the full voters agrees, and differs from what it reported. The
 * receiver compares with its own hash before it believes it.
 *
 * @param term the leader's term
 * @param part the first part in which the receiver differs
 * @param agreed what the majority has
 */
public record StateVerdict(long term, StateHash.Part part, StateHash agreed) implements Message {
    public StateVerdict {
        Terms.check(term);
        if (!part.isIn(agreed)) {
            throw new IllegalArgumentException(part + " isn't in " + agreed);
        }
    }
}
