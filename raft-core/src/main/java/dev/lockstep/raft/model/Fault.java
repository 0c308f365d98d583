package dev.lockstep.raft.model;

/**
 * Why a replica or a host stopped, or refused something.
 *
 * @param code its stable name, for code and alerts
 * @param message what happened, where, what it means for the data and what to do
 */
public record Fault(Code code, String message) {
    /** Stable names of faults. */
    public enum Code {
        /** This node's directory was wiped: it is not the voter that it was. */
        AMNESIA,
        /**
         * This node's directory holds less than it once confirmed: an older copy was put in its
         * place.
         */
        LOG_REVERTED,
        /** The nodes don't agree on who founds the group. */
        FOUNDING_MISMATCH,
        /** The other side is of another cluster, or not the node that it was dialled as. */
        WRONG_PEER,
        /**
         * The other side speaks no protocol version that this one speaks, or the file is of another
         * version.
         */
        INCOMPATIBLE_VERSION,
        /** The directory is of another cluster or node. */
        WRONG_DIRECTORY,
        /** Another process uses the directory. */
        DIRECTORY_LOCKED,
        /** Bytes that were durable are damaged. */
        LOG_CORRUPT,
        /** A file is missing or too short. */
        LOG_GAP,
        /** A snapshot that was durable is damaged or missing. */
        SNAPSHOT_CORRUPT,
        /**
         * The disk has no room for the log; what was acknowledged is safe, and it goes on by
         * itself.
         */
        DISK_FULL,
        /** A write or sync failed; what is on the disk is not known any more. */
        STORAGE_FAILED,
        /** This replica's state differs from that of a majority, though their logs are the same. */
        STATE_DIVERGED,
        /**
         * The state that the state machine keeps durably itself isn't that of this replica's log.
         */
        STATE_MISMATCH,
        /** The state machine threw. */
        STATE_MACHINE_FAILED,
        /** A bug in Lockstep: a step broke one of its own rules. */
        BUG
    }

    @Override
    public String toString() {
        return code + ": " + message;
    }
}
