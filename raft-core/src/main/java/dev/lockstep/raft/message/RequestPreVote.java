package dev.lockstep.raft.message;

import dev.lockstep.raft.model.LogPosition;

/**
 * Asks whether the receiver would vote for the sender in {@code term}; changes nobody's term
 * (§9.6).
 *
 * @param term the term that the sender would campaign in: its own plus one
 * @param last the position of the sender's last entry
 */
public record RequestPreVote(long term, LogPosition last) implements Message {
    public RequestPreVote {
        Terms.check(term);
    }
}
