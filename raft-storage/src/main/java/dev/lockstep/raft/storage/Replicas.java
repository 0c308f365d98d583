package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** All replicas that live in this log. Added to by the log's writer, read by any thread. */
final class Replicas {
    /** Why a group is lost of which a checkpoint has told that. */
    static final Loss SAID_BEFORE =
            new Loss(
                    Fault.Code.LOG_GAP,
                    "this log was damaged before, and of this group nothing but its key is known",
                    false);

    private final ConcurrentHashMap<Long, ReplicaLog> byKey = new ConcurrentHashMap<>();
    private final LiveBytes live = new LiveBytes();

    /** Where the entries of all of them are. */
    LiveBytes live() {
        return live;
    }

    /** Of groups that lived here and of which no more is known than the key. */
    private final ConcurrentHashMap<Long, Loss> lost = new ConcurrentHashMap<>();

    /** The last segment that may hold something of one of these. */
    private volatile long lostUpTo;

    /** Why groups may have lived here that nothing is known of; null when none have. */
    private volatile @Nullable Loss unknown;

    private volatile boolean afterDamage;

    /**
     * @throws IllegalArgumentException when another group that lives here has the same key
     */
    @Nullable ReplicaLog find(GroupId group) {
        ReplicaLog found = byKey.get(group.key());
        if (found != null && !found.group().equals(group)) {
            throw new IllegalArgumentException(
                    "group '"
                            + group
                            + "' has the same key as '"
                            + found.group()
                            + "', which lives here: "
                            + "choose another name for the new one");
        }
        return found;
    }

    /**
     * @throws IllegalArgumentException when no replica of the group was made here
     */
    ReplicaLog get(GroupId group) {
        ReplicaLog found = find(group);
        if (found == null) {
            throw new IllegalArgumentException(
                    "group '" + group + "' has no replica here: ask for it first");
        }
        return found;
    }

    @Nullable ReplicaLog find(long key) {
        return byKey.get(key);
    }

    void add(ReplicaLog replica) {
        byKey.put(replica.key(), replica);
        lost.remove(replica.key());
    }

    void remove(ReplicaLog replica) {
        byKey.remove(replica.key());
    }

    /** A group's first record is lost, so nothing that is read of it means anything. */
    void lost(long key, Loss why) {
        lost.putIfAbsent(key, why);
    }

    /** What stands up to that segment may be all that there is of groups that are lost. */
    void keepForLost(long lastSegment) {
        lostUpTo = Math.max(lostUpTo, lastSegment);
    }

    /** The keys of groups that lived here and aren't known by more than that, ascending. */
    SortedSet<Long> lost() {
        return new TreeSet<>(lost.keySet());
    }

    /** Anything may have stood there, of any group. */
    void lostUnknown(Loss why) {
        byKey.values().forEach(replica -> replica.doubt().everything(why));
        unknown = unknown == null ? why : unknown;
    }

    /** There may be groups here that nothing is left of. */
    void mayHaveOthers(Loss why) {
        unknown = unknown == null ? why : unknown;
    }

    /**
     * A checkpoint has said all of every group.
     *
     * @param keys of which it knows no more than the keys
     * @param but why there may be others; null when there aren't
     */
    void allKnown(Map<Long, Loss> keys, @Nullable Loss but) {
        lost.clear();
        lost.putAll(keys);
        unknown = but;
    }

    boolean mayHaveLost(long key) {
        return lostOf(key) != null;
    }

    /** Why a replica may have been here that nothing is known of; null when none was. */
    @Nullable Loss lostOf(long key) {
        Loss known = lost.get(key);
        return known != null ? known : unknown;
    }

    /** Why there are or may be groups of which the log doesn't know. */
    List<Loss> losses() {
        List<Loss> all = new ArrayList<>(new TreeMap<>(lost).values());
        if (unknown != null) {
            all.add(unknown);
        }
        return all;
    }

    /** Whether a group is lost of which no checkpoint says so yet. */
    boolean anyIsNewlyLost() {
        return lost.values().stream().anyMatch(why -> !why.equals(SAID_BEFORE));
    }

    /** Whether one can't go on as what it was, and no checkpoint says so yet. */
    boolean anyIsLost() {
        return anyIsNewlyLost()
                || byKey.values().stream().anyMatch(replica -> replica.doubt().fatal() != null);
    }

    /** What the next checkpoint tells of damage. */
    long checkpointFlags() {
        return (afterDamage ? RecordDraft.AFTER_DAMAGE : 0)
                | (unknown != null ? RecordDraft.GROUPS_LOST : 0);
    }

    void setAfterDamage(boolean now) {
        afterDamage = now;
    }

    /**
     * The last segment that may hold something of a replica that had to begin anew, or has to when
     * its group is opened. (Where nobody knows which groups lived here, all that are known began
     * anew.)
     */
    long keptUpTo() {
        long last = lost.isEmpty() ? 0 : lostUpTo;
        for (ReplicaLog replica : byKey.values()) {
            BeganAnew why = replica.beganAnew();
            last = why == null ? last : Math.max(last, why.keptUpTo());
        }
        return last;
    }

    int size() {
        return byKey.size();
    }

    /** All, by name, so that what is written of them has one order on every run. */
    List<ReplicaLog> sorted() {
        List<ReplicaLog> all = new ArrayList<>(byKey.values());
        all.sort(Comparator.comparing(ReplicaLog::group));
        return all;
    }
}
