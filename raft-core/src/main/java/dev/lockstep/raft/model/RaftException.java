package dev.lockstep.raft.model;

/** How a proposal or read failed. Its two kinds say whether the command may have taken effect. */
public abstract sealed class RaftException extends RuntimeException
        permits NotDone, OutcomeUnknown {
    private static final long serialVersionUID = 1;

    private final String message;

    RaftException(String message) {
        super(message);
        this.message = message;
    }

    /** What happened, where, and what it means for the command. */
    @Override
    public final String getMessage() {
        return message;
    }
}
