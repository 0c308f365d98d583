package dev.lockstep.raft.model;

/**
 * The command surely did not and will not take effect; trying again is safe. A failed read is
 * always this.
 */
public non-sealed class NotDone extends RaftException {
    private static final long serialVersionUID = 1;

    /** Why nothing was done. */
    public enum Reason {
        /** No leader could be reached before the deadline. */
        NO_LEADER,
        /** This replica didn't get as far in the log as the read needs before its deadline. */
        BEHIND,
        /** A bounded queue is full; see {@link Overloaded}. */
        OVERLOADED,
        /** The leader's disk has no room, and nobody who has could take its place yet. */
        DISK_FULL,
        /** The payload is above the limit; trying again won't help. */
        TOO_LARGE,
        /** The group or its host is closed. */
        CLOSED,
        /** The replica has stopped with a {@link Fault}, which the message names. */
        HALTED,
        /** The leader refused it; the message says why. */
        REFUSED,
        /** State machine or disk failed to make a snapshot; the message says how. */
        SNAPSHOT_FAILED,
        /** The leader lost its leadership, and the next one committed another in its place. */
        OVERWRITTEN,
        /**
         * The session has expired or was closed. This call ran nothing; an earlier one may have.
         */
        SESSION_EXPIRED,
        /** The session holds as many answers as it may: some of its commands must end first. */
        SESSION_FULL,
        /** The group has as many sessions as it may: some must be closed or expire first. */
        TOO_MANY_SESSIONS,
        /** The state machine's query threw. */
        QUERY_FAILED,
        /** This replica is a witness, which has no state to read; ask another. */
        WITNESS
    }

    private final Reason reason;

    public NotDone(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public final Reason reason() {
        return reason;
    }
}
