package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.WrittenLog;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The durable state of all replicas of one host, in one ordered log. {@link #replica}, {@link
 * #append} and {@link #sync} are called by one thread at a time; {@link #read} by any.
 */
public interface LogStore extends AutoCloseable {
    /** Who this host is, in this boot. */
    HostIdentity identity();

    /**
     * What is durable of the group's replica here. The first time it is asked for, the replica is
     * made: its incarnation is drawn, of the wanted kind, and synced before this returns. Where the
     * newest snapshot is ahead of the log, or the log holds another entry at its position, the log
     * begins anew behind the snapshot, durably: a crash came between the two.
     *
     * @param asWitness the kind of a replica that is made now; one that is there stays what it is
     * @throws IOException when that sync fails, after which the store accepts nothing more
     * @throws IllegalArgumentException when another group that lives here has the same {@link
     *     GroupId#key}
     */
    RecoveredReplica replica(GroupId group, boolean asWitness) throws IOException;

    /**
     * Makes the replicas of these groups that aren't there yet, with one sync for all, so that
     * {@link #replica} finds them. A store that does nothing here makes each when it is asked for.
     *
     * @param asWitness which kind each is to be, by its group
     * @throws IOException as {@link #replica}
     */
    default void makeReplicas(Map<GroupId, Boolean> asWitness) throws IOException {}

    /** The same for a full replica. */
    default RecoveredReplica replica(GroupId group) throws IOException {
        return replica(group, false);
    }

    /**
     * Takes one replica's changes, in order. They are durable after the next {@link #sync},
     * together: either all of one write is found again after a crash, or none, or (never while
     * acknowledged) a prefix of the log order.
     *
     * @throws DiskFullException when there is no room for all of it; what was taken nevertheless
     *     {@link #written} tells, and the rest may be appended again, or something else. What
     *     brings no entries is refused only where not even the reserve has room for it
     * @throws IOException when the disk fails; the store accepts nothing more
     */
    void append(ReplicaWrite write) throws IOException;

    /**
     * Returns once all that was appended is durable.
     *
     * @throws DiskFullException when there is no room for it; nothing was synced, and nothing of it
     *     is lost either: the next call goes on with it
     * @throws IOException when it may not be; the store accepts nothing more, and the sync is never
     *     tried again, since a failed fsync leaves the disk's state unknown
     */
    void sync() throws IOException;

    /**
     * Reads appended entries, synced or not.
     *
     * @param from the first index, which must be in the log
     * @param maxBytes stop before the entry whose {@link Entry#weightBytes} would pass it; the
     *     first always comes
     * @return at least one entry, consecutive from {@code from}
     * @throws IOException when the disk can't read them, or they are damaged (a named fault)
     * @throws IllegalArgumentException when {@code from} isn't in the group's log
     */
    List<Entry> read(GroupId group, long from, int maxBytes) throws IOException;

    /**
     * Whether this may be an entry that the log holds, in the place of one that is damaged: index
     * and term are the same, and so is the checksum, where that one's is known. May be called by
     * any thread; doesn't block.
     */
    default boolean isCopy(GroupId group, Entry entry) {
        return true;
    }

    /**
     * Groups whose entries should soon be needed no more, since the log comes near its bound: each
     * should take a snapshot and keep nothing behind it. A group isn't named again until more has
     * been written or the log is full; most often none is. Called by whoever calls {@link #sync}.
     */
    default List<GroupId> crowding() {
        return List.of();
    }

    /**
     * What {@link #append} has taken of the group's replica, durable or not. Called by whoever
     * calls that, after it was refused.
     */
    WrittenLog written(GroupId group);

    /**
     * Why no entries should be appended until there is room on the disk; null while there is. What
     * is appended all the same is taken as far as there is room. Called by whoever calls {@link
     * #sync}.
     */
    default @Nullable DiskFullException diskFull() {
        return null;
    }

    /**
     * Looks whether there is room again. To be called now and then while {@link #diskFull}, by
     * whoever calls {@link #sync}.
     *
     * @throws IOException when the disk fails; the store accepts nothing more
     */
    default void lookForRoom() throws IOException {}

    /**
     * Whether the log has come to its bound, so that no new proposals should be taken until groups
     * were compacted. What is appended all the same is taken. Called by whoever calls {@link
     * #sync}.
     */
    default boolean isFull() {
        return false;
    }

    /**
     * Whether the log is full, and the next {@link #sync} will do more of what makes it less full,
     * so that it should be called soon though nothing is appended: a full log takes no proposals.
     * Called by whoever calls {@link #sync}.
     */
    default boolean isFreeing() {
        return false;
    }

    /** What this host remembers of its peers, in the same place. */
    default PeerBoots peerBoots() {
        return PeerBoots.NONE;
    }

    /** The snapshots of the same replicas. */
    SnapshotStore snapshots();

    /**
     * Frees the place for another process. Syncs nothing: what wasn't synced was never promised.
     */
    @Override
    void close() throws IOException;
}
