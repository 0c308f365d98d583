package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One replica as the log's records, read from the beginning, describe it. The rules of what may
 * follow what are here once: an append that breaks one is refused, and a recovered record that
 * breaks one is damage.
 */
final class ReplicaLog {
    private final GroupId group;
    private final long key;
    private final ReplicaId id;
    private final EntryIndex index;
    private final List<Entry> configurations = new ArrayList<>();
    private @Nullable Founding founding;
    private HardState hardState = HardState.INITIAL;
    private long lastTimestampMillis;
    private final Doubt doubt = new Doubt();
    private @Nullable BeganAnew beganAnew;

    ReplicaLog(GroupId group, ReplicaId id, EntryIndex index) {
        this.group = group;
        this.key = group.key();
        this.id = id;
        this.index = index;
    }

    GroupId group() {
        return group;
    }

    long key() {
        return key;
    }

    ReplicaId id() {
        return id;
    }

    EntryIndex index() {
        return index;
    }

    @Nullable Founding founding() {
        return founding;
    }

    HardState hardState() {
        return hardState;
    }

    /** What isn't known of it; recovery alone asks. */
    Doubt doubt() {
        return doubt;
    }

    @Nullable BeganAnew beganAnew() {
        return beganAnew;
    }

    void setBeganAnew(@Nullable BeganAnew why) {
        beganAnew = why;
    }

    /** The replica that takes this one's place, which can't go on as what it was. */
    ReplicaLog anew(UUID incarnation, BeganAnew why, LiveBytes live) {
        ReplicaLog next =
                new ReplicaLog(
                        group,
                        new ReplicaId(id.node(), incarnation),
                        new EntryIndex(LogPosition.ZERO, live));
        next.beganAnew = why;
        // Which group this is doesn't depend on the replica. One that isn't known to be complete
        // is learned again.
        next.founding =
                founding != null && founding.complete() && !doubt.isOfFounding() ? founding : null;
        return next;
    }

    /** What was read of this log before records were lost, as far as it is still held. */
    void takePlaces(ReplicaLog before) {
        index.takePlaces(before.index);
        for (Entry configuration : before.configurations) {
            if (index.holds(configuration.position())
                    && configuration.index() > index.base().index()) {
                configurations.add(configuration);
            }
        }
    }

    /** At least the timestamp of every entry that is or was in the log. */
    long lastTimestampMillis() {
        return lastTimestampMillis;
    }

    void sawTimestamp(long timestampMillis) {
        lastTimestampMillis = Math.max(lastTimestampMillis, timestampMillis);
    }

    /** Remembers what is kept of an entry beside its place. */
    void saw(Entry entry) {
        sawTimestamp(entry.timestampMillis());
        if (entry.kind() == EntryKind.CONFIGURATION) {
            // A copy may come again, or before the copies of earlier ones.
            configurations.removeIf(known -> known.index() == entry.index());
            int at = configurations.size();
            while (at > 0 && configurations.get(at - 1).index() > entry.index()) {
                at--;
            }
            configurations.add(at, entry);
        }
    }

    /** Drops the entry at the index and all after it. */
    void truncate(long from) {
        index.truncate(from);
        doubt.truncatedFrom(from);
        configurations.removeIf(configuration -> configuration.index() >= from);
    }

    /** Drops the entries up to a position; where none are left, the log goes on behind it. */
    void moveBase(LogPosition base) {
        index.moveBase(base);
        configurations.removeIf(configuration -> configuration.index() <= base.index());
    }

    void setFounding(Founding next) {
        founding = next;
    }

    void setHardState(HardState next) {
        hardState = next;
    }

    RecoveredReplica recovered(@Nullable SnapshotMeta snapshot) {
        List<LogPosition> lost = index.lost();
        Loss loss = lost.isEmpty() ? null : doubt.ofEntries();
        return new RecoveredReplica(
                id,
                founding,
                hardState,
                snapshot,
                index.base(),
                index.terms(),
                index.last().index(),
                snapshot == null
                        ? lastTimestampMillis
                        : Math.max(lastTimestampMillis, snapshot.timestampMillis()),
                List.copyOf(configurations),
                lost,
                loss == null ? null : loss.faultOfEntries(group, lost),
                beganAnew == null ? null : beganAnew.loss().faultOf(group));
    }

    /** What a replica record says, in words. */
    static String summary(
            UUID incarnation,
            LogPosition base,
            List<LogPosition> terms,
            LogPosition last,
            long timestampMillis) {
        return "incarnation "
                + incarnation
                + ", log from "
                + base
                + " to "
                + last
                + " with terms from "
                + terms
                + ", last timestamp "
                + timestampMillis;
    }

    String summary() {
        return summary(
                id.incarnation(), index.base(), index.terms(), index.last(), lastTimestampMillis);
    }

    /**
     * Why this hard state may not follow {@code before}; null when it may. A term that goes back,
     * or a second vote.
     */
    static @Nullable String refusal(HardState before, HardState next) {
        if (next.term() < before.term()) {
            return "the hard state's term would go from "
                    + before.term()
                    + " back to "
                    + next.term();
        }
        if (next.longestPromiseNanos() < before.longestPromiseNanos()) {
            return "the longest promise would go from "
                    + before.longestPromiseNanos()
                    + " ns down to "
                    + next.longestPromiseNanos()
                    + " ns";
        }
        if (next.term() == before.term()
                && before.vote() != null
                && !before.vote().equals(next.vote())) {
            return "the vote of term "
                    + next.term()
                    + " would change from "
                    + before.vote()
                    + " to "
                    + next.vote();
        }
        return null;
    }

    /** Why the log may not be cut from this index on; null when it may. */
    @Nullable String refusal(long truncateFrom) {
        long last = index.last().index();
        return truncateFrom > index.base().index() && truncateFrom <= last
                ? null
                : "truncation from "
                        + truncateFrom
                        + " of a log that holds "
                        + (index.base().index() + 1)
                        + " to "
                        + last;
    }

    /**
     * Why the log, which ends at {@code last}, may not begin behind this position; null when it
     * may: it holds it, or no entry.
     */
    @Nullable String refusal(LogPosition last, LogPosition base) {
        LogPosition present = index.base();
        boolean holds = base.index() <= last.index() && index.holds(base);
        boolean isEmpty = last.equals(present) && base.index() > last.index();
        return holds || isEmpty
                ? null
                : "the base "
                        + base
                        + " of a log that holds what is behind "
                        + present
                        + " up to "
                        + last;
    }

    /** Why a copy of this entry may not be written; null when it may. */
    @Nullable String refusalOfCopy(LogPosition copy) {
        return copy.index() > index.base().index() && index.holds(copy)
                ? null
                : "a copy of "
                        + copy
                        + " for a log that doesn't hold it, behind "
                        + index.base()
                        + " up to "
                        + index.last();
    }

    /** Why this entry may not follow {@code last} under this hard state; null when it may. */
    static @Nullable String refusal(LogPosition last, HardState hardState, long term, long index) {
        if (index != last.index() + 1) {
            return "entry " + term + ":" + index + " can't follow " + last;
        }
        if (term < last.term()) {
            return "entry "
                    + term
                    + ":"
                    + index
                    + " is of an older term than "
                    + last
                    + " before it";
        }
        if (term > hardState.term()) {
            // Durable in this order, or a restarted server could vote again in a term that it has
            // written in. So a log with entries and without a hard state is damaged, too.
            return "entry "
                    + term
                    + ":"
                    + index
                    + " is of a later term than the hard state's, "
                    + hardState.term();
        }
        return null;
    }

    static @Nullable String refusal(LogPosition last, HardState hardState, Entry next) {
        return refusal(last, hardState, next.term(), next.index());
    }
}
