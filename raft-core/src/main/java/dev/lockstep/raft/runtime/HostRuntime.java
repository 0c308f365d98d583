package dev.lockstep.raft.runtime;

import dev.lockstep.raft.core.RaftCore;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.spi.Transport;
import dev.lockstep.raft.spi.Workers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that runs in one host: its loops, its log writer and its groups.
 *
 * <pre>
 *   net (or core)  the host's loop: every core, one at a time
 *   log            appends and syncs for all groups
 *   read           reads old entries back
 *   snapshot       writes snapshots, taken here or fetched
 *   end            completes futures that the state machine doesn't answer
 *   apply-n        state machines; a group stays on one of them
 * </pre>
 */
public final class HostRuntime {
    private static final Logger LOG = LoggerFactory.getLogger(HostRuntime.class);

    private final LogStore store;
    private final Transport transport;
    private final Workers workers;
    private final Clock clock;
    private final RaftListener listener;
    private final RaftOptions options;
    private final List<NodeId> nodes;
    private final @Nullable Executor callbacks;
    private final SplittableRandom random;
    private final HostLoop host;
    private final EventLoop loop;
    private final EventLoop logLoop;
    private final EventLoop readLoop;
    private final EventLoop snapshotLoop;
    private final EventLoop endLoop;
    private final List<EventLoop> applyLoops = new ArrayList<>();
    private final Map<GroupId, GroupHandle> groups = new HashMap<>();
    private boolean closed;

    /**
     * What a host is made of.
     *
     * @param callbacks where clients' futures complete; null for the loop that applies
     * @param applyLoops how many loops run state machines
     * @param seed of everything that is drawn in this host
     */
    public record Parts(
            LogStore store,
            Transport transport,
            List<PeerAddress> peers,
            RaftOptions options,
            RaftListener listener,
            Clock clock,
            Workers workers,
            @Nullable Executor callbacks,
            int applyLoops,
            long seed) {}

    /**
     * Starts the loops and the transport.
     *
     * @throws IOException when the transport can't listen; everything started is stopped again
     */
    public HostRuntime(Parts parts) throws IOException {
        store = parts.store();
        transport = parts.transport();
        workers = parts.workers();
        clock = parts.clock();
        listener = new GuardedListener(parts.listener());
        options = parts.options();
        callbacks = parts.callbacks();
        nodes = parts.peers().stream().map(PeerAddress::node).toList();
        random = new SplittableRandom(parts.seed());
        host = new HostLoop(clock, transport, listener, store.peerBoots());
        logLoop = parts.workers().loop("log");
        readLoop = parts.workers().loop("read");
        snapshotLoop = parts.workers().loop("snapshot");
        endLoop = parts.workers().loop("end");
        for (int i = 0; i < parts.applyLoops(); i++) {
            applyLoops.add(parts.workers().loop("apply-" + i));
        }
        LogWriter writer = new LogWriter(store, logLoop, this::durable, host::storageFailed);
        try {
            transport.start(store.identity(), parts.peers(), host);
        } catch (IOException | RuntimeException e) {
            closeLoops();
            throw e;
        }
        EventLoop lent = transport.loop();
        loop = lent == null ? parts.workers().loop("core") : lent;
        host.start(loop, writer);
    }

    /** In the log's loop. */
    private void durable(List<LogWriter.Job> jobs) {
        boolean full = store.isFull();
        List<GroupId> crowding = store.crowding();
        host.post(
                () -> {
                    jobs.forEach(job -> job.whenDurable().run());
                    host.logFull(full);
                    crowding.forEach(host::compact);
                });
    }

    public HostIdentity identity() {
        return store.identity();
    }

    /**
     * Opens a group's replica here. Returns before that is done; the handle may be used at once.
     *
     * @throws IllegalStateException when the group is open here already, or the host is closed
     */
    public GroupHandle open(GroupId group, StateMachine machine) {
        return open(group, nodes, machine);
    }

    /** Opens a witness, which has no state machine. */
    public GroupHandle openWitness(GroupId group) {
        return open(group, nodes, NoState.OF_A_WITNESS);
    }

    /** Opens a witness of a group that these nodes found. */
    public GroupHandle openWitness(GroupId group, List<NodeId> founders) {
        return open(group, founders, NoState.OF_A_WITNESS);
    }

    /**
     * Opens the replica of a group that these nodes found.
     *
     * @throws IllegalArgumentException when a founder isn't among the peers, or there is none
     * @throws IllegalStateException when the group is open here already, or the host is closed
     */
    public GroupHandle open(GroupId group, List<NodeId> founders, StateMachine machine) {
        if (founders.isEmpty() || !nodes.containsAll(founders)) {
            throw new IllegalArgumentException(
                    "the founders of group "
                            + group
                            + " must be some of the peers "
                            + nodes
                            + ": "
                            + founders);
        }
        GroupHandle handle;
        long seed;
        synchronized (groups) {
            if (closed) {
                throw new IllegalStateException("this host is closed");
            }
            if (groups.containsKey(group)) {
                throw new IllegalStateException("group " + group + " is open on this host already");
            }
            seed = random.nextLong();
            // Ids of proposals begin anywhere, so that an answer to an earlier process isn't taken
            // for one to this.
            handle =
                    new GroupHandle(
                            group,
                            host,
                            options,
                            applyLoops.get(groups.size() % applyLoops.size()),
                            endLoop,
                            callbacks,
                            random.nextLong() >>> 1,
                            this::forget);
            groups.put(group, handle);
        }
        logLoop.execute(
                () -> {
                    try {
                        boolean asWitness = machine == NoState.OF_A_WITNESS;
                        RecoveredReplica recovered = store.replica(group, asWitness);
                        if (recovered.id().isWitness() != asWitness) {
                            throw new StorageException(otherKind(recovered.id(), group));
                        }
                        host.post(() -> start(recovered, group, founders, machine, handle, seed));
                    } catch (IOException | RuntimeException | Error e) {
                        LOG.error("Group {} could not be opened", group, e);
                        Fault fault = LogWriter.faultOf(e);
                        host.post(
                                () -> {
                                    handle.failedToOpen(fault);
                                    listener.halted(group, fault);
                                });
                    }
                });
        return handle;
    }

    /** In the host's loop. A replica that can't be taken up ends what was asked of it. */
    private void start(
            RecoveredReplica recovered,
            GroupId group,
            List<NodeId> founders,
            StateMachine machine,
            GroupHandle handle,
            long seed) {
        Replica replica;
        try {
            RaftCore core = new RaftCore(recovered, founders, options, seed, clock.nanoTime());
            replica =
                    new Replica(
                            group,
                            core,
                            host,
                            store,
                            readLoop,
                            snapshotLoop,
                            machine,
                            handle,
                            options,
                            listener);
            SnapshotMeta snapshot = recovered.snapshot();
            if (snapshot != null) {
                replica.restore(snapshot);
            }
        } catch (RuntimeException | Error e) {
            LOG.error("Group {} could not be taken up", group, e);
            handle.failedToOpen(notTakenUp(group, recovered, e));
            return;
        }
        handle.opened(replica);
    }

    private static Fault otherKind(ReplicaId found, GroupId group) {
        String kind = found.isWitness() ? "a witness" : "a full replica";
        return new Fault(
                Fault.Code.WRONG_DIRECTORY,
                "the replica of group "
                        + group
                        + " in this directory, "
                        + found
                        + ", is "
                        + kind
                        + ", which it stays, and was opened as the other kind. Nothing was changed."
                        + " Open it as "
                        + kind
                        + ". To have the other kind on this node, remove this member from the"
                        + " group, start from an empty directory, and add it.");
    }

    private static Fault notTakenUp(GroupId group, RecoveredReplica recovered, Throwable why) {
        // Nothing but a configuration is decoded here, and this version wrote none that it can't
        // read.
        Fault.Code code =
                why instanceof IllegalArgumentException
                        ? Fault.Code.INCOMPATIBLE_VERSION
                        : Fault.Code.BUG;
        return new Fault(
                code,
                recovered.id()
                        + " could not take up what its disk holds of group "
                        + group
                        + ": "
                        + why
                        + ". Nothing was changed. If a later version has run here, start that"
                        + " one.");
    }

    private void forget(GroupHandle handle) {
        synchronized (groups) {
            groups.remove(handle.group(), handle);
        }
    }

    /**
     * Stops everything, and waits for it. What was acknowledged is durable; what waits ends as not
     * done or unknown.
     */
    public void close() throws IOException {
        List<GroupHandle> open;
        synchronized (groups) {
            if (closed) {
                return;
            }
            closed = true;
            open = List.copyOf(groups.values());
        }
        CompletableFuture<?>[] stopped =
                open.stream().map(GroupHandle::close).toArray(CompletableFuture<?>[]::new);
        if (!host.loop().inLoop()) {
            workers.await(CompletableFuture.allOf(stopped));
        }
        closeLoops(); // first, since they post to the host's loop
        transport.close();
        loop.close();
        store.close();
    }

    private void closeLoops() {
        logLoop.close();
        readLoop.close();
        applyLoops.forEach(EventLoop::close);
        snapshotLoop.close();
        endLoop.close();
    }
}
