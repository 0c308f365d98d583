package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.LogStore;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The groups that a command was told to work on. */
final class Groups {
    private Groups() {}

    static void check(Directory directory, GroupId group) throws IOException {
        List<GroupId> all = directory.survey().groups();
        if (!all.contains(group)) {
            throw new Refused(
                    directory.path()
                            + " holds no group '"
                            + group
                            + "'; it holds "
                            + all
                            + ". Nothing was changed.");
        }
    }

    /**
     * A group's replica, of which nothing is lost.
     *
     * @throws StorageException when some of it is: what a host makes of it then isn't what was here
     */
    static RecoveredReplica whole(LogStore store, GroupId group) throws IOException {
        RecoveredReplica replica = store.replica(group);
        Fault loss = loss(replica);
        if (loss != null) {
            throw new StorageException(loss);
        }
        return replica;
    }

    /** What is lost of a replica; null when nothing is. */
    static @Nullable Fault loss(RecoveredReplica replica) {
        Fault loss = replica.damage();
        // One that lives on since an earlier damage has heard of a term.
        return loss == null && replica.hardState().term() == 0 ? replica.beganAnew() : loss;
    }

    /**
     * As {@link #whole}.
     *
     * @throws Refused when something of the group is lost
     */
    static RecoveredReplica unaffected(LogStore store, GroupId group) throws IOException {
        try {
            return whole(store, group);
        } catch (StorageException e) {
            throw affected(group, e);
        }
    }

    static Refused affected(GroupId group, StorageException why) {
        return new Refused(
                "the damage of this directory touched group '"
                        + group
                        + "': "
                        + why.getMessage()
                        + " The tool changed nothing. 'verify' says which groups are affected; 'cut --at-damage' makes a"
                        + " directory of what is left of those, in which the others stay as they are.");
    }

    /**
     * A witness knows who votes and what was acknowledged, and holds none of it; and a replica
     * whose state machine keeps its state itself holds the newest part only.
     */
    static void checkFull(GroupId group, RecoveredReplica replica) throws IOException {
        if (replica.id().isWitness()) {
            throw new Refused(
                    replica.id()
                            + " is a witness of group '"
                            + group
                            + "': it holds no commands and no state, so nothing can be made of it. Nothing was changed. Take"
                            + " the directory of a full replica, or name the other groups.");
        }
        SnapshotMeta snapshot = replica.snapshot();
        if (snapshot != null && snapshot.byReference()) {
            throw new Refused(
                    "the snapshot of "
                            + snapshot.position()
                            + " of group '"
                            + group
                            + "' holds no state: the state machine of "
                            + replica.id()
                            + " keeps that durably in a store of its own, which is of use to that replica alone, so"
                            + " nothing can be made of the log behind it. Nothing was changed. Back up what the"
                            + " application keeps by its own means, or name the other groups.");
        }
    }

    /** Those that were named, or all where none was. */
    static List<GroupId> chosen(Directory directory, Collection<GroupId> named) throws IOException {
        for (GroupId group : named) {
            check(directory, group);
        }
        return named.isEmpty()
                ? directory.survey().groups()
                : named.stream().distinct().sorted().toList();
    }
}
