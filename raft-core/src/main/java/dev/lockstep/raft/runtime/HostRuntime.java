package dev.lockstep.raft.runtime;

import dev.lockstep.raft.core.RaftCore;
import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogRoom;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.runtime.Openings.Opened;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.DurableStateMachine;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.RaftMetrics;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.spi.Transport;
import dev.lockstep.raft.spi.Workers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
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
 *   snapshot-n     writes snapshots that are taken here; a group stays on one of them
 *   receive        stores parts of snapshots that are fetched
 *   end            completes futures that the state machine doesn't answer
 *   apply-n        state machines; a group stays on one of them
 * </pre>
 */
public final class HostRuntime {
    private static final Logger LOG = LoggerFactory.getLogger(HostRuntime.class);

    /** One large or slow snapshot leaves room for another group's, and the disk bears no more. */
    private static final int SNAPSHOT_LOOPS = 2;

    private final LogStore store;
    private final Transport transport;
    private final Workers workers;
    private final Clock clock;
    private final RaftListener listener;
    private final RaftMetrics metrics;
    private final RaftOptions options;
    private final List<NodeId> nodes;
    private final @Nullable Executor callbacks;
    private final SplittableRandom random;
    private final HostLoop host;
    private final EventLoop loop;
    private final EventLoop logLoop;
    private final LogWriter writer;
    private final Openings openings;
    private final EventLoop readLoop;
    private final List<EventLoop> snapshotLoops = new ArrayList<>();
    private final EventLoop receiveLoop;
    private final EventLoop endLoop;
    private final List<EventLoop> applyLoops = new ArrayList<>();
    private final Map<GroupId, GroupHandle> groups = new HashMap<>();

    /**
     * Of each group that was ever open: when it is opened again, what its state machine was given
     * before is done first.
     */
    private final Map<GroupId, GroupLoops> loopsOf = new HashMap<>();

    /**
     * The loops on which a group stays.
     *
     * @param snapshot writes what is taken, one after the other
     */
    private record GroupLoops(EventLoop apply, EventLoop snapshot) {}

    private final LoopWatch watch;
    private final HostInsight insight;
    private boolean closed;

    /**
     * What a host is made of.
     *
     * @param callbacks where clients' futures complete; null for the loop that applies
     * @param applyLoops how many loops run state machines
     * @param stallTimeout a loop that hasn't turned for that long is blocked
     * @param seed of everything that is drawn in this host
     */
    public record Parts(
            LogStore store,
            Transport transport,
            List<PeerAddress> peers,
            RaftOptions options,
            RaftListener listener,
            RaftMetrics metrics,
            Clock clock,
            Workers workers,
            @Nullable Executor callbacks,
            int applyLoops,
            Duration stallTimeout,
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
        RecentErrors errors = new RecentErrors(clock);
        metrics = GuardedMetrics.of(parts.metrics());
        List<RaftListener> listeners = new ArrayList<>(List.of(errors, parts.listener()));
        if (metrics != RaftMetrics.NONE) {
            listeners.add(new MetricsListener(store.identity().node(), metrics));
        }
        Supplier<FlightRecorder.Span> spans = FlightRecorder::noSync;
        if (FlightRecorder.isPossible()) {
            FlightRecorder recorder = new FlightRecorder(store.identity().node());
            listeners.add(recorder);
            spans = recorder::syncBegins;
        }
        listener = new GuardedListener(List.copyOf(listeners));
        options = parts.options();
        callbacks = parts.callbacks();
        nodes = parts.peers().stream().map(PeerAddress::node).toList();
        random = new SplittableRandom(parts.seed());
        host =
                new HostLoop(
                        clock,
                        transport,
                        listener,
                        store.peerBoots(),
                        store.identity(),
                        options.electionTimeout().toNanos(),
                        metrics,
                        random.nextLong());
        logLoop = parts.workers().loop("log");
        readLoop = parts.workers().loop("read");
        for (int i = 0; i < SNAPSHOT_LOOPS; i++) {
            snapshotLoops.add(parts.workers().loop("snapshot-" + i));
        }
        receiveLoop = parts.workers().loop("receive");
        endLoop = parts.workers().loop("end");
        for (int i = 0; i < parts.applyLoops(); i++) {
            applyLoops.add(parts.workers().loop("apply-" + i));
        }
        writer =
                new LogWriter(
                        store,
                        logLoop,
                        clock,
                        options.electionTimeout().toNanos(),
                        new LogWatch(),
                        metrics,
                        spans);
        openings =
                new Openings(
                        store,
                        writer,
                        logLoop,
                        this::found,
                        (opened, why) -> notOpened(opened.handle(), OpeningFaults.of(why), why));
        try {
            transport.start(store.identity(), parts.peers(), host);
        } catch (IOException | RuntimeException e) {
            closeLoops();
            throw e;
        }
        EventLoop lent = transport.loop();
        loop = lent == null ? parts.workers().loop("core") : lent;
        host.start(loop, writer);
        writer.start();
        watch = new LoopWatch(clock, parts.stallTimeout(), listener);
        insight = new HostInsight(host, writer, errors, watch, this::openGroups);
        if (workers.canStall()) {
            watchLoops(lent == null ? "core" : "net");
        }
    }

    /**
     * A stuck state machine or disk holds up what needs it, of which {@link HostInsight#health}
     * tells, but a restart of the process mends no disk, and a state machine may restore a large
     * snapshot. Writing a snapshot takes its time anyway, so those loops aren't watched.
     */
    private void watchLoops(String name) {
        watch.add(name, loop, true);
        watch.add("end", endLoop, true);
        watch.add("log", logLoop, false);
        watch.add("read", readLoop, false);
        for (int i = 0; i < applyLoops.size(); i++) {
            watch.add("apply-" + i, applyLoops.get(i), false);
        }
        watch.start(endLoop);
    }

    /** Null when it isn't open here. */
    public @Nullable GroupHandle group(GroupId group) {
        synchronized (groups) {
            return groups.get(group);
        }
    }

    private @Nullable List<GroupHandle> openGroups() {
        synchronized (groups) {
            return closed ? null : List.copyOf(groups.values());
        }
    }

    public HostInsight insight() {
        return insight;
    }

    /** Hears of the log, in its loop. */
    private final class LogWatch implements LogWriter.Watch {
        @Override
        public void written(
                List<LogWriter.Job> durable,
                List<LogWriter.Refused> refused,
                @Nullable DiskFullException why) {
            Fault fault = why == null ? null : LogWriter.diskFull(why);
            LogRoom room =
                    why != null
                            ? LogRoom.DISK_FULL
                            : store.isFull() ? LogRoom.AT_BOUND : LogRoom.ENOUGH;
            List<GroupId> crowding = store.crowding();
            host.post(
                    () -> {
                        durable.forEach(job -> job.whenDurable().run());
                        refused.forEach(each -> each.job().whenRefused().accept(each.log()));
                        host.room(room, fault);
                        crowding.forEach(host::compact);
                    });
        }

        @Override
        public void full(DiskFullException why) {
            Fault fault = LogWriter.diskFull(why);
            host.post(() -> host.room(LogRoom.DISK_FULL, fault));
        }

        @Override
        public void failed(Fault fault) {
            host.storageFailed(fault);
        }
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
        GroupLoops loops;
        long seed;
        synchronized (groups) {
            if (closed) {
                throw new IllegalStateException("this host is closed");
            }
            if (groups.containsKey(group)) {
                throw new IllegalStateException("group " + group + " is open on this host already");
            }
            seed = random.nextLong();
            loops = loopsOf(group);
            // Ids of proposals begin anywhere, so that an answer to an earlier process isn't taken
            // for one to this.
            handle =
                    new GroupHandle(
                            group,
                            host,
                            options,
                            loops.apply(),
                            endLoop,
                            callbacks,
                            random.nextLong() >>> 1,
                            this::forget);
            groups.put(group, handle);
        }
        metrics.groupOpened(group);
        openings.add(new Opened(group, founders, machine, handle, loops.snapshot(), seed));
        return handle;
    }

    /** In the log's thread. */
    private void found(RecoveredReplica replica, Opened opened) {
        if (opened.machine() instanceof DurableStateMachine durable) {
            opened.handle().applyLoop().execute(() -> openState(replica, durable, opened));
        } else {
            host.post(() -> start(replica, null, opened));
        }
    }

    /**
     * In the apply loop. What the machine keeps must fit to the log before anything is promised.
     */
    private void openState(RecoveredReplica found, DurableStateMachine machine, Opened opened) {
        try {
            OwnState own = new OwnStateOpening(opened.group(), found, machine).open();
            host.post(() -> start(found.withOwnState(own.reached()), own, opened));
        } catch (StorageException e) {
            notOpened(opened.handle(), e.fault(), e);
        } catch (IOException | RuntimeException | Error e) {
            notOpened(opened.handle(), OpeningFaults.stateNotOpened(opened.group(), e), e);
        }
    }

    private void notOpened(GroupHandle handle, Fault fault, Throwable why) {
        LOG.error("Group {} could not be opened", handle.group(), why);
        host.post(
                () -> {
                    handle.failedToOpen(fault);
                    listener.halted(handle.group(), fault);
                });
    }

    /** In the host's loop. A replica that can't be taken up ends what was asked of it. */
    private void start(RecoveredReplica recovered, @Nullable OwnState own, Opened opened) {
        GroupId group = opened.group();
        Replica replica;
        try {
            RaftCore core =
                    new RaftCore(
                            recovered, opened.founders(), options, opened.seed(), clock.nanoTime());
            replica =
                    new Replica(
                            group,
                            core,
                            host,
                            store,
                            readLoop,
                            opened.snapshotLoop(),
                            receiveLoop,
                            opened.machine(),
                            own,
                            opened.handle(),
                            options,
                            listener);
            SnapshotMeta snapshot = recovered.snapshot();
            if (snapshot != null) {
                replica.restore(snapshot);
            }
        } catch (RuntimeException | Error e) {
            LOG.error("Group {} could not be taken up", group, e);
            opened.handle().failedToOpen(OpeningFaults.notTakenUp(group, recovered, e));
            return;
        }
        opened.handle().opened(replica);
    }

    private GroupLoops loopsOf(GroupId group) {
        int before = loopsOf.size();
        return loopsOf.computeIfAbsent(
                group,
                unused ->
                        new GroupLoops(
                                applyLoops.get(before % applyLoops.size()),
                                snapshotLoops.get(before % snapshotLoops.size())));
    }

    private void forget(GroupHandle handle) {
        metrics.groupClosed(handle.group()); // before it can be opened again
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
        watch.close();
        closeLoops(); // first, since they post to the host's loop
        transport.close();
        loop.close();
        metrics.hostClosed();
        store.close();
    }

    private void closeLoops() {
        logLoop.close();
        readLoop.close();
        applyLoops.forEach(EventLoop::close);
        snapshotLoops.forEach(EventLoop::close);
        receiveLoop.close();
        endLoop.close();
    }
}
