package dev.lockstep.raft.model;

/**
 * What a leader knows of one other replica of its group, at one moment.
 *
 * @param replica who it is; on its node another one may live by now
 * @param voter whether it has a vote in the configuration at the leader's log end
 * @param reachable whether messages can be sent to its node now
 * @param match it durably holds the leader's log up to here
 * @param next the entry to send next; what lies between is on its way
 * @param lagEntries how many entries of the leader's log it isn't known to hold
 * @param lagBytes their bytes; {@link #UNKNOWN} where some are not in the leader's memory any more
 * @param inFlightMessages sent, with entries, and not acknowledged
 * @param inFlightBytes of their entries
 * @param stage how it is brought up to date
 * @param silentNanos how long ago it was heard; if never in this leadership, when that began
 * @param stalledMillis for how long its disk or state machine has been stuck, as it said itself
 */
public record PeerProgress(
        ReplicaId replica,
        boolean voter,
        boolean reachable,
        long match,
        long next,
        long lagEntries,
        long lagBytes,
        int inFlightMessages,
        long inFlightBytes,
        Stage stage,
        long silentNanos,
        long stalledMillis) {
    /** The value of {@link #lagBytes} when nobody has counted. */
    public static final long UNKNOWN = -1;

    /** How a follower is brought up to date. */
    public enum Stage {
        /** It isn't known where the logs agree; one message at a time. */
        PROBING,
        /** Entries are sent ahead of their acknowledgements. */
        REPLICATING,
        /**
         * It needs what the leader's log doesn't hold any more, and was told to fetch a snapshot.
         */
        SNAPSHOT
    }

    public PeerProgress {
        if (next <= match) {
            throw new IllegalArgumentException("next must lie behind match " + match + ": " + next);
        }
    }
}
