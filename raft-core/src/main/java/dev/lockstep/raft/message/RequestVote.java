package dev.lockstep.raft.message;

import dev.lockstep.raft.model.LogPosition;

/**
 * Asks for the receiver's vote (§3.4). Sent once the candidate's own term, vote and log are
 * durable.
 *
 * @param term the candidate's term
 * @param last the position of its last entry
 */
public record RequestVote(long term, LogPosition last) implements Message {
    public RequestVote {
        Terms.check(term);
    }
}
