package dev.lockstep.raft.message;

import dev.lockstep.raft.model.Payload;

/**
 * A command that a client proposed on the sender, for the leader to append.
 *
 * @param term the sender's term
 * @param id the sender's own number for the proposal, returned in the reply; drawn once per attempt
 * @param payload the command
 */
public record ForwardProposal(long term, long id, Payload payload) implements Message {
    public ForwardProposal {
        Terms.check(term);
    }
}
