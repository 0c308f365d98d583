package dev.lockstep.raft.message;

/**
 * Answers a {@link RequestPreVote}. It promises nothing.
 *
 * @param term when granted, the term that was asked for; when refused, the refuser's own term
 * @param granted whether the sender would vote so
 */
public record PreVoteReply(long term, boolean granted) implements Message {}
