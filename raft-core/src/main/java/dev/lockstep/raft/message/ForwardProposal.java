package dev.lockstep.raft.message;

import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Payload;

/**
 * An entry that a client proposed on the sender, for the leader to append.
 *
 * @param term the sender's term
 * @param id the sender's own number for the proposal, returned in the reply; drawn once per attempt
 * @param kind one of those that clients propose
 * @param payload the entry's
 */
public record ForwardProposal(long term, long id, EntryKind kind, Payload payload)
        implements Message {
    /** A command for the state machine. */
    public ForwardProposal(long term, long id, Payload payload) {
        this(term, id, EntryKind.COMMAND, payload);
    }

    public ForwardProposal {
        Terms.check(term);
        if (!kind.isForClients()) {
            throw new IllegalArgumentException(
                    "only a leader makes entries of kind " + kind + "; they aren't forwarded");
        }
    }
}
