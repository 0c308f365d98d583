package dev.lockstep.raft.message;

/**
 * The sender, which led in this term, leads no more: a quorum doesn't hear it, or its disk has
 * failed. Whoever follows it stops refusing votes for its sake.
 *
 * @param term the term in which the sender led
 */
public record Resignation(long term) implements Message {
    public Resignation {
        Terms.check(term);
    }
}
