package dev.lockstep.raft.message;

import dev.lockstep.raft.model.LogPosition;

/**
 * The sender's log doesn't hold the previous entry of an append, or the append came from a leader
 * of an older term.
 *
 * @param term the sender's term
 * @param previous the index of the previous entry that was refused
 * @param hint the sender's last position at or before {@code previous} whose term is at most the
 *     refused one's: the logs may agree there, and don't agree beyond
 */
public record AppendRejected(long term, long previous, LogPosition hint) implements Message {
    public AppendRejected {
        Terms.check(term);
        Terms.checkIndex("previous", previous);
    }
}
