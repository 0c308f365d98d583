package dev.lockstep.raft.spi;

import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.EntryCopy;
import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.ProposalReply;
import dev.lockstep.raft.message.SnapshotChunk;

/**
 * The kinds of traffic between two hosts, the most urgent first. A transport keeps a queue with a
 * bound of its own for each, so that what is small and urgent neither waits behind what is large,
 * nor is refused since there is too much of that. Messages of one lane should stay in order; those
 * of different lanes may overtake each other, which the protocol bears as it bears any reordering.
 */
public enum Lane {
    /** Votes, heartbeats, acknowledgements, questions and their answers: all that is small. */
    CONTROL,

    /** What carries commands and their answers. */
    LOG,

    /** Parts of snapshots. */
    SNAPSHOT;

    public static Lane of(Message message) {
        if (message instanceof AppendEntries
                || message instanceof ForwardProposal
                || message instanceof ProposalReply
                || message instanceof EntryCopy) {
            return LOG;
        }
        return message instanceof SnapshotChunk ? SNAPSHOT : CONTROL;
    }
}
