package dev.lockstep.raft.testkit.check;

/**
 * What a checker found.
 *
 * @param kind whether the history is all right
 * @param steps how many steps of the model the search took
 * @param explanation for people; empty when all is right
 */
public record Verdict(Kind kind, long steps, String explanation) {
    /** Whether a history is all right. */
    public enum Kind {
        LINEARIZABLE,
        /** No order of the operations explains the answers. */
        VIOLATED,
        /** The search was given up before it was complete. */
        UNDECIDED
    }

    public boolean isLinearizable() {
        return kind == Kind.LINEARIZABLE;
    }
}
