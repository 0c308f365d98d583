package dev.lockstep.raft.model;

/**
 * The command may have taken effect, may still take effect, or never will: its leader lost its
 * term, or the deadline passed, before the outcome was known here. Trying again may run it twice,
 * unless the command is idempotent or proposed in a session under the same sequence.
 */
public non-sealed class OutcomeUnknown extends RaftException {
    private static final long serialVersionUID = 1;

    public OutcomeUnknown(String message) {
        super(message);
    }
}
