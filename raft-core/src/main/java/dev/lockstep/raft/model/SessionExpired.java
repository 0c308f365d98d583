package dev.lockstep.raft.model;

/**
 * The command's session has ended. This try did not run, but an earlier one, of the same call and
 * of unknown outcome, may have. Open another session; whether to propose the command there is for
 * the application to say, since it may run twice then.
 */
public final class SessionExpired extends OutcomeUnknown {
    private static final long serialVersionUID = 1;

    public SessionExpired(String message) {
        super(message);
    }
}
