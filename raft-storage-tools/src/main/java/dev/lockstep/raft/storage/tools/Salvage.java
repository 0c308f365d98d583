package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What can be kept of each group of a damaged directory. A host's own recovery says what the damage
 * costs: a group of which nothing is lost is kept as it is; one that lacks entries up to the first
 * of those; and one that can't know any more what it promised up to the first damage of the log.
 */
final class Salvage implements Closeable {
    private final Directory directory;
    private final Terminal terminal;

    /** Null when a host refuses the log. */
    private final @Nullable LogStore found;

    private @Nullable LogStore before;

    /**
     * What is kept of a group.
     *
     * @param store where it is
     * @param last the index of the last entry
     * @param lives whether nothing is dropped, so that it goes on as who it was
     */
    record Part(LogStore store, RecoveredReplica replica, long last, boolean lives) {}

    Salvage(Directory directory, Terminal terminal) throws IOException {
        this.directory = directory;
        this.terminal = terminal;
        this.found = open();
    }

    private @Nullable LogStore open() throws IOException {
        try {
            return directory.open();
        } catch (StorageException e) {
            terminal.say(
                    "A host refuses this log, so of every group only what stands before is kept: %s",
                    e.getMessage());
            return null;
        }
    }

    /** Says of each group what is kept and what isn't. */
    Map<GroupId, Part> parts() throws IOException {
        TreeMap<GroupId, Part> parts = new TreeMap<>();
        Survey survey = directory.survey();
        for (GroupId group : survey.groups()) {
            Part part = part(group);
            if (part != null) {
                parts.put(group, part);
            }
        }
        for (long key : survey.nameless()) {
            terminal.say("group %s is left out: no more than its key is known", survey.name(key));
        }
        return parts;
    }

    private @Nullable Part part(GroupId group) throws IOException {
        LogStore store = found;
        if (store != null) {
            try {
                RecoveredReplica replica = store.replica(group);
                Fault loss = Groups.loss(replica);
                if (loss == null) {
                    terminal.say(
                            "group '%s': nothing of it is lost; it stays as it is, up to index %d",
                            group, replica.lastIndex());
                    return new Part(store, replica, replica.lastIndex(), true);
                }
                if (replica.damage() != null) {
                    return upToFirstLost(store, group, replica);
                }
                terminal.say("group '%s': %s", group, loss.message());
            } catch (StorageException e) {
                terminal.say("group '%s': %s", group, e.getMessage());
            }
        }
        return beforeDamage(group);
    }

    private Part upToFirstLost(LogStore store, GroupId group, RecoveredReplica replica) {
        List<LogPosition> lost = replica.damaged();
        long last = lost.get(0).index() - 1;
        terminal.say(
                "group '%s': keeps its entries up to index %d, and DROPS those from %d to %d. Of these %d can't be read, the"
                        + " first is %s. While another member holds them, start the host from this directory instead: it"
                        + " asks for copies.",
                group, last, last + 1, replica.lastIndex(), lost.size(), lost.get(0));
        return new Part(store, replica, last, false);
    }

    private @Nullable Part beforeDamage(GroupId group) throws IOException {
        try {
            LogStore store = before();
            RecoveredReplica replica = withItsSnapshot(store, group);
            if (replica.hardState().term() == 0) {
                terminal.say("group '%s' is left out: nothing of it stands before", group);
                return null;
            }
            terminal.say(
                    "  keeps what stands before the first damage, up to index %d, and DROPS the rest: the last entry that can"
                            + " be read behind it is %d",
                    replica.lastIndex(),
                    Math.max(directory.survey().lastEntry(group), replica.lastIndex()));
            return new Part(store, replica, replica.lastIndex(), false);
        } catch (StorageException | Refused e) {
            terminal.say("group '%s' is left out: %s", group, e.getMessage());
            return null;
        }
    }

    /**
     * A snapshot may be of a later term than the log was where it is cut. The replica that is made
     * of them gets an incarnation that has voted for nobody, so it may have heard of that term.
     */
    private static RecoveredReplica withItsSnapshot(LogStore store, GroupId group)
            throws IOException {
        try {
            return Groups.whole(store, group);
        } catch (StorageException e) {
            List<SnapshotId> snapshots = store.snapshots().list(group);
            HardState known = store.written(group).hardState();
            long term =
                    snapshots.isEmpty() ? 0 : snapshots.get(snapshots.size() - 1).position().term();
            if (term <= known.term()) {
                throw e;
            }
            HardState raised = new HardState(term, null, known.longestPromiseNanos());
            store.append(new ReplicaWrite(group, null, raised, 0, List.of()));
            store.sync();
            return Groups.whole(store, group);
        }
    }

    private LogStore before() throws IOException {
        LogStore opened = before;
        if (opened == null) {
            opened = directory.openBeforeDamage();
            before = opened;
        }
        return opened;
    }

    @Override
    public void close() throws IOException {
        LogStore opened = before;
        try {
            if (found != null) {
                found.close();
            }
        } finally {
            if (opened != null) {
                opened.close();
            }
        }
    }
}
