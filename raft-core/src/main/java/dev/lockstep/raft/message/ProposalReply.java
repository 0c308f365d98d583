package dev.lockstep.raft.message;

import dev.lockstep.raft.model.Payload;

/**
 * How a {@link ForwardProposal} ended.
 *
 * @param term the sender's term
 * @param id of the proposal
 * @param outcome how it ended
 * @param index when done, the command's place in the log; else 0
 * @param result the state machine's answer when done; else a text that says why, in UTF-8
 */
public record ProposalReply(long term, long id, Outcome outcome, long index, Payload result)
        implements Message {
    /** The codes stand on the wire and never change. */
    public enum Outcome {
        /** Committed and applied; the result is the state machine's. */
        DONE,
        /** Nothing was appended: the receiver doesn't lead. Ask the next leader. */
        NOT_LEADER,
        /** Nothing was appended: the leader has too much uncommitted already. */
        OVERLOADED,
        /** Nothing was appended: the leader's disk has no room. */
        DISK_FULL,
        /** Nothing took effect and nothing will, for the reason in the result. */
        NOT_DONE,
        /** The entry was appended and may or may not commit. */
        UNKNOWN
    }

    public ProposalReply {
        Terms.check(term);
        Terms.checkIndex("index", index);
    }
}
