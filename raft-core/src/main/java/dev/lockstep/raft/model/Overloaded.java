package dev.lockstep.raft.model;

import java.time.Duration;

/**
 * Refused at once since a bounded queue is full. Nothing was done; try again after {@link
 * #retryAfter}: when half of what waits on this host should have ended, by the rate at which it
 * ends now.
 */
public final class Overloaded extends NotDone {
    private static final long serialVersionUID = 1;

    private final Duration retryAfter;

    public Overloaded(String message, Duration retryAfter) {
        super(Reason.OVERLOADED, message);
        this.retryAfter = retryAfter;
    }

    public Duration retryAfter() {
        return retryAfter;
    }
}
