package dev.lockstep.raft.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A replica as its disk holds it.
 *
 * @param id its node and incarnation
 * @param founding how its group began; null when it holds none
 * @param hardState term and vote; {@link HardState#INITIAL} when none was ever written
 * @param snapshot the newest snapshot that is whole, at or behind {@code base}; null when there is
 *     none, and then {@code base} is zero
 * @param base the position just before the first entry that is kept; {@link LogPosition#ZERO} when
 *     all are
 * @param terms the position of the first kept entry of each term, ascending
 * @param lastIndex the index of the last entry; that of {@code base} when none is kept
 * @param lastTimestampMillis at least the timestamp of every entry that is or was in the log
 * @param configurations the entries of kind {@link EntryKind#CONFIGURATION} that are kept,
 *     ascending
 * @param damaged the positions of entries that are in the log and that the disk has damaged,
 *     ascending
 * @param damage what is wrong with them; null when none are
 * @param beganAnew why this replica isn't the one that this host had before: too much of that one's
 *     log was lost to know what it had promised. It founds nothing, and comes to its group as a
 *     stranger. Null for any other
 * @param ownState the last entry that is in the state which its state machine keeps durably itself;
 *     {@link LogPosition#ZERO} when nothing is in that. Null when the machine keeps none, so that
 *     it begins at the snapshot
 */
public record RecoveredReplica(
        ReplicaId id,
        @Nullable Founding founding,
        HardState hardState,
        @Nullable SnapshotMeta snapshot,
        LogPosition base,
        List<LogPosition> terms,
        long lastIndex,
        long lastTimestampMillis,
        List<Entry> configurations,
        List<LogPosition> damaged,
        @Nullable Fault damage,
        @Nullable Fault beganAnew,
        @Nullable LogPosition ownState) {
    /** One that has lost nothing. */
    public RecoveredReplica(
            ReplicaId id,
            @Nullable Founding founding,
            HardState hardState,
            @Nullable SnapshotMeta snapshot,
            LogPosition base,
            List<LogPosition> terms,
            long lastIndex,
            long lastTimestampMillis,
            List<Entry> configurations) {
        this(
                id,
                founding,
                hardState,
                snapshot,
                base,
                terms,
                lastIndex,
                lastTimestampMillis,
                configurations,
                List.of(),
                null,
                null,
                null);
    }

    /** The same, with what is known of the state that its state machine keeps itself. */
    public RecoveredReplica withOwnState(LogPosition position) {
        return new RecoveredReplica(
                id,
                founding,
                hardState,
                snapshot,
                base,
                terms,
                lastIndex,
                lastTimestampMillis,
                configurations,
                damaged,
                damage,
                beganAnew,
                position);
    }

    /** One whose state machine keeps no state of its own. */
    public RecoveredReplica(
            ReplicaId id,
            @Nullable Founding founding,
            HardState hardState,
            @Nullable SnapshotMeta snapshot,
            LogPosition base,
            List<LogPosition> terms,
            long lastIndex,
            long lastTimestampMillis,
            List<Entry> configurations,
            List<LogPosition> damaged,
            @Nullable Fault damage,
            @Nullable Fault beganAnew) {
        this(
                id,
                founding,
                hardState,
                snapshot,
                base,
                terms,
                lastIndex,
                lastTimestampMillis,
                configurations,
                damaged,
                damage,
                beganAnew,
                null);
    }

    /** The term of an entry of the log, or of the position before its first; -1 elsewhere. */
    public long termAt(long index) {
        long term = index == base.index() ? base.term() : -1;
        for (LogPosition first : terms) {
            term = first.index() <= index && index <= lastIndex ? first.term() : term;
        }
        return term;
    }

    /** A replica that was just made. */
    public static RecoveredReplica empty(ReplicaId id) {
        return new RecoveredReplica(
                id, null, HardState.INITIAL, null, LogPosition.ZERO, List.of(), 0, 0, List.of());
    }
}
