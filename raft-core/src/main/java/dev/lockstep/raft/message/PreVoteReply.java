package dev.lockstep.raft.message;

import dev.lockstep.raft.model.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * Answers a {@link RequestPreVote}. It promises nothing.
 *
 * @param term when granted, the term that was asked for; when refused, the refuser's own term
 * @param granted whether the sender would vote so
 * @param leader whom a refuser hears as leader of its own term; null when it hears nobody, or
 *     granted
 * @param leaderHasQuorum whether that one was lately answered by a quorum, as it said: then there
 *     is nothing to elect
 */
public record PreVoteReply(
        long term, boolean granted, @Nullable NodeId leader, boolean leaderHasQuorum)
        implements Message {
    /** One that names no leader. */
    public PreVoteReply(long term, boolean granted) {
        this(term, granted, null, false);
    }
}
