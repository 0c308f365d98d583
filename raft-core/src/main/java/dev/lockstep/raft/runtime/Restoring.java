package dev.lockstep.raft.runtime;

import dev.lockstep.raft.applied.AppliedState;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.SnapshotReader;
import dev.lockstep.raft.spi.SnapshotSection;
import dev.lockstep.raft.spi.SnapshotStore;
import dev.lockstep.raft.spi.StateMachine;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts a snapshot in place of what was applied. */
final class Restoring {
    private final GroupId group;
    private final StateMachine machine;
    private final @Nullable OwnState own;
    private final AppliedState state;

    /**
     * @param own of a machine that keeps its state durably itself; null for any other
     */
    Restoring(GroupId group, StateMachine machine, @Nullable OwnState own, AppliedState state) {
        this.group = group;
        this.machine = machine;
        this.own = own;
        this.state = state;
    }

    /** Null when it is done; else why the state isn't known any more. */
    @Nullable Fault from(SnapshotStore store, SnapshotMeta meta) {
        try {
            List<SnapshotId> all = store.list(group);
            for (SnapshotId id : all) {
                if (id.position().equals(meta.position())) {
                    Fault fault = from(store.open(group, id), id);
                    if (fault != null && fault.code() == Fault.Code.SNAPSHOT_CORRUPT) {
                        store.setAside(group, id.position());
                    }
                    return fault;
                }
            }
            return new Fault(
                    Fault.Code.SNAPSHOT_CORRUPT,
                    "the snapshot of "
                            + meta.position()
                            + " of group "
                            + group
                            + " was there a moment ago and is missing now; this replica's state was in it. Opened"
                            + " again, the group tells what is left of it here.");
        } catch (IOException e) {
            return unreadable(meta.position().toString(), e);
        }
    }

    private @Nullable Fault from(InputStream file, SnapshotId id) {
        SnapshotReader reader = null;
        try (InputStream in = new BufferedInputStream(file, 1 << 16)) {
            reader = new SnapshotReader(in, "snapshot " + id + " of group " + group);
            state.restore(Payload.wrap(reader.section(SnapshotSection.REPLICATED).readAllBytes()));
            if (own != null && own.leadsOnFrom(id.position().index())) {
                return null; // what is in the machine is later, and of the same log
            }
            if (reader.meta().byReference()) {
                return elsewhere(id);
            }
            machine.restore(new DataInputStream(reader.section(SnapshotSection.APPLICATION)));
            reader.finish();
            if (own != null) {
                own.restored(id.position());
            }
            return null;
        } catch (IOException | RuntimeException | Error e) {
            StorageException damage = reader == null ? null : reader.damage();
            if (damage != null || e instanceof StorageException) {
                return unreadable(id.toString(), damage != null ? damage : (StorageException) e);
            }
            return new Fault(
                    Fault.Code.STATE_MACHINE_FAILED,
                    "the state machine of group "
                            + group
                            + " could not restore snapshot "
                            + id
                            + ": "
                            + e
                            + ". The snapshot is whole; its state isn't in the machine, so this replica has stopped. Mend"
                            + " the state machine and open the group again.");
        }
    }

    private Fault elsewhere(SnapshotId id) {
        return new Fault(
                Fault.Code.STATE_MISMATCH,
                "snapshot "
                        + id
                        + " of group "
                        + group
                        + " holds no state, since the state machine that took it kept that durably itself;"
                        + " this one doesn't have it. Nothing was changed, and this replica has stopped."
                        + " Open it with that state machine and its store; else remove this node from"
                        + " the group and add it again, with an empty directory and an empty store.");
    }

    private Fault unreadable(String which, IOException e) {
        Fault known =
                e instanceof StorageException named
                        ? named.fault()
                        : new Fault(
                                Fault.Code.STORAGE_FAILED,
                                "snapshot "
                                        + which
                                        + " of group "
                                        + group
                                        + " can't be read: "
                                        + e
                                        + ".");
        String whatNow =
                known.code() == Fault.Code.STORAGE_FAILED
                        ? " Check the disk, then open the group again: the snapshot is read again."
                        : " Opened again, it goes on from its log where that is whole from the beginning; else it"
                                + " begins anew, under another incarnation, with nothing erased.";
        return new Fault(
                known.code(),
                known.message()
                        + " The state of group "
                        + group
                        + " was in it, so this replica has stopped."
                        + whatNow);
    }
}
