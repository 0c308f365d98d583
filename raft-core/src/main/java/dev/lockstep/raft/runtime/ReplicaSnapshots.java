package dev.lockstep.raft.runtime;

import dev.lockstep.raft.core.Event;
import dev.lockstep.raft.core.SnapshotNews;
import dev.lockstep.raft.core.SnapshotWork;
import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.SnapshotStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what one core wants done with snapshots: takes and writes them, reads and stores
 * parts of them. It is called in the host's loop; the work is done in the apply loop, in the
 * group's loop for snapshots that are taken, and where parts are stored or read to be sent in the
 * loop for receiving or reading: one group's slow snapshot doesn't hold up what another one
 * fetches.
 */
final class ReplicaSnapshots implements SnapshotWork.Runner {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaSnapshots.class);

    private final GroupId group;
    private final Replica replica;
    private final HostLoop host;
    private final Applier applier;
    private final SnapshotStore store;
    private final EventLoop writeLoop;
    private final EventLoop receiveLoop;
    private final EventLoop readLoop;
    private final RaftListener listener;
    private final SnapshotWaiters waiters = new SnapshotWaiters();
    private long newest;

    /** The last that was fetched and didn't fit. */
    private @Nullable SnapshotId withoutRoom;

    ReplicaSnapshots(
            GroupId group,
            Replica replica,
            HostLoop host,
            Applier applier,
            SnapshotStore store,
            EventLoop writeLoop,
            EventLoop receiveLoop,
            EventLoop readLoop,
            RaftListener listener) {
        this.group = group;
        this.replica = replica;
        this.host = host;
        this.applier = applier;
        this.store = store;
        this.writeLoop = writeLoop;
        this.receiveLoop = receiveLoop;
        this.readLoop = readLoop;
        this.listener = listener;
    }

    /** The state machine begins where the newest snapshot ends. */
    void begin(SnapshotMeta recovered, Runnable then) {
        newest = recovered.position().index();
        applier.snapshotIsDurable(newest);
        applier.restore(store, recovered, () -> host.post(then));
    }

    /** Somebody wants a snapshot that holds all up to an index, which is applied. */
    void want(long index, SnapshotWaiters.Waiter who) {
        waiters.add(index, who);
        waiters.reached(newest);
        if (!waiters.isEmpty()) {
            replica.step(new Event.Snapshots(new SnapshotNews.Wanted()));
        }
    }

    void endAll(NotDone why) {
        waiters.endAll(why);
    }

    // ---- taking ----

    @Override
    public void take(SnapshotWork.Take work) {
        applier.freeze(
                work.meta().byReference(),
                state -> writeLoop.execute(() -> write(work.meta(), state)),
                why -> host.post(() -> failed(work.meta(), why)));
    }

    private void write(SnapshotMeta meta, FrozenState state) {
        if (meta.byReference()) {
            try {
                applier.syncOwnState();
            } catch (IOException | RuntimeException | Error e) {
                LOG.error("{}: the state machine failed to sync its store", group, e);
                host.post(() -> replica.fail(notSynced(meta, e)));
                return; // never tried again: a second try may say that it is there, though it isn't
            }
        }
        try {
            SnapshotId id = store.write(group, meta, state);
            LOG.info("{}: snapshot {} is durable", group, id);
            host.post(() -> taken(meta));
        } catch (IOException | RuntimeException | Error e) {
            host.post(() -> failed(meta, e));
        } finally {
            state.close();
        }
    }

    private Fault notSynced(SnapshotMeta meta, Throwable why) {
        return new Fault(
                Fault.Code.STATE_MACHINE_FAILED,
                "the state machine of group "
                        + group
                        + " failed to make its store durable up to "
                        + meta.position()
                        + ": "
                        + why
                        + ". What the store holds is not known any more, so this replica has stopped, with its log"
                        + " uncut. Check the disk of the store, then open the group again: the log is applied"
                        + " from where the store ends.");
    }

    private void taken(SnapshotMeta meta) {
        applier.snapshotIsDurable(meta.position().index());
        replica.step(new Event.Snapshots(new SnapshotNews.Taken(meta)));
        reached(meta.position().index());
        listener.snapshotTaken(group, meta.position());
    }

    private void reached(long index) {
        newest = Math.max(newest, index);
        waiters.reached(newest);
        if (!waiters.isEmpty()) { // asked while an earlier one was being taken
            replica.step(new Event.Snapshots(new SnapshotNews.Wanted()));
        }
    }

    private void failed(SnapshotMeta meta, Throwable why) {
        if (why instanceof DiskFullException) {
            LOG.warn(
                    "{}: no room for a snapshot at {} ({}); the one before it stays, the log keeps"
                            + " growing, and it is tried again later. Make room on that disk",
                    group,
                    meta.position(),
                    why.getMessage());
        } else {
            LOG.error(
                    "{}: no snapshot could be taken at {}; the log keeps growing",
                    group,
                    meta.position(),
                    why);
        }
        replica.step(new Event.Snapshots(new SnapshotNews.Failed(meta)));
        NotDone end =
                new NotDone(
                        NotDone.Reason.SNAPSHOT_FAILED,
                        "no snapshot could be taken at " + meta.position() + ": " + why);
        end.initCause(why);
        waiters.endAll(end);
        listener.snapshotFailed(group, meta.position(), why);
    }

    // ---- installing ----

    @Override
    public void restore(SnapshotWork.Restore work) {
        LogPosition position = work.meta().position();
        LOG.info("{}: installs the snapshot of {}", group, position);
        applier.restore(store, work.meta(), () -> host.post(() -> restored(position)));
        reached(position.index());
    }

    private void restored(LogPosition position) {
        replica.applied(position.index());
        listener.snapshotInstalled(group, position);
    }

    // ---- parts ----

    @Override
    public void sendChunk(SnapshotWork.SendChunk work) {
        readLoop.execute(
                () -> {
                    SnapshotChunk chunk = read(work);
                    host.post(() -> replica.sendChunk(work.to(), chunk));
                });
    }

    private SnapshotChunk read(SnapshotWork.SendChunk work) {
        try {
            SnapshotId id = find(work.position());
            if (id != null && (work.wanted() == null || work.wanted().equals(id))) {
                Payload bytes = store.read(group, id, work.offset(), work.maxBytes());
                return new SnapshotChunk(id, work.offset(), bytes);
            }
        } catch (FileNotFoundException e) {
            LOG.debug("{}: dropped before it was sent", group, e);
        } catch (IOException | RuntimeException e) {
            LOG.warn("{}: the snapshot of {} can't be sent", group, work.position(), e);
        }
        return SnapshotChunk.NONE;
    }

    private @Nullable SnapshotId find(LogPosition position) throws IOException {
        List<SnapshotId> all = store.list(group);
        for (SnapshotId id : all) {
            if (id.position().equals(position)) {
                return id;
            }
        }
        return null;
    }

    @Override
    public void storeChunk(SnapshotWork.StoreChunk work) {
        receiveLoop.execute(
                () -> {
                    SnapshotNews news = store(work);
                    host.post(() -> replica.step(new Event.Snapshots(news)));
                });
    }

    private SnapshotNews store(SnapshotWork.StoreChunk work) {
        try {
            SnapshotMeta meta = store.receive(group, work.id(), work.offset(), work.bytes());
            return meta == null
                    ? new SnapshotNews.Stored(work.id(), work.offset() + work.bytes().size())
                    : new SnapshotNews.Received(work.id(), meta);
        } catch (DiskFullException e) {
            if (!work.id().equals(withoutRoom)) { // it is fetched again and again
                LOG.warn("{}: no room for snapshot {}: {}", group, work.id(), e.getMessage());
                withoutRoom = work.id();
            }
            return new SnapshotNews.Unusable(work.id());
        } catch (IOException | RuntimeException e) {
            LOG.warn("{}: what was fetched of snapshot {} is of no use", group, work.id(), e);
            return new SnapshotNews.Unusable(work.id());
        }
    }

    @Override
    public void drop(SnapshotWork.Drop work) {
        // The state machine may be about to restore from it, when another was installed right
        // after.
        applier.afterAll(() -> writeLoop.execute(() -> delete(work.position())));
    }

    private void delete(LogPosition position) {
        try {
            store.delete(group, position);
        } catch (IOException | RuntimeException e) {
            LOG.warn("{}: snapshot {} isn't deleted", group, position, e);
        }
    }
}
