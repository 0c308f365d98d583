package dev.lockstep.raft.model;

/**
 * What a snapshot stands for, beside the application's state (§5.1).
 *
 * @param position the last entry whose effects are in it
 * @param configurationIndex the index of the entry that {@code membership} came with; 0 for the
 *     founding's
 * @param membership the newest configuration at or before {@code position}
 * @param timestampMillis at least the timestamp of every entry up to {@code position}
 * @param byReference whether the application's state isn't in it: the replica that took it has that
 *     durably in a store of its own, at {@code position} or later
 */
public record SnapshotMeta(
        LogPosition position,
        long configurationIndex,
        Membership membership,
        long timestampMillis,
        boolean byReference) {
    public SnapshotMeta {
        if (position.index() < 1
                || configurationIndex < 0
                || configurationIndex > position.index()) {
            throw new IllegalArgumentException(
                    "no snapshot stands at "
                            + position
                            + " with a configuration of index "
                            + configurationIndex);
        }
    }

    /** What it says of the log alone, as a witness takes it. */
    public SnapshotMeta ofTheLog() {
        return new SnapshotMeta(position, configurationIndex, membership, timestampMillis);
    }

    /** One that holds the application's state. */
    public SnapshotMeta(
            LogPosition position,
            long configurationIndex,
            Membership membership,
            long timestampMillis) {
        this(position, configurationIndex, membership, timestampMillis, false);
    }
}
