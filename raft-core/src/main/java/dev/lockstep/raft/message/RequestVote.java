package dev.lockstep.raft.message;

import dev.lockstep.raft.model.LogPosition;

/**
 * Asks for the receiver's vote (§3.4). Sent once the candidate's own term, vote and log are
 * durable.
 *
 * @param term the candidate's term
 * @param last the position of its last entry
 * @param transfer whether the leader itself asked for this campaign, so that hearing it is no
 *     reason to refuse (§4.2.3)
 */
public record RequestVote(long term, LogPosition last, boolean transfer) implements Message {
    public RequestVote {
        Terms.check(term);
    }

    /** A campaign for want of a leader. */
    public RequestVote(long term, LogPosition last) {
        this(term, last, false);
    }
}
