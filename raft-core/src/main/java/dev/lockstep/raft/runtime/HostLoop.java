package dev.lockstep.raft.runtime;

import dev.lockstep.raft.core.Event;
import dev.lockstep.raft.core.SnapshotNews;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogRoom;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.PeerBoots;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.RaftMetrics;
import dev.lockstep.raft.spi.Transport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one loop that owns the cores of all replicas of a host. What happens elsewhere (a client's
 * call, a sync, an applied batch) is posted to its mailbox; what the transport brings is stepped at
 * once where the loop is lent. After each batch of either, the replicas that were touched are
 * drained: their effects leave together, in one write to the log and one flush of the network.
 */
final class HostLoop implements Transport.Receiver {
    private static final Logger LOG = LoggerFactory.getLogger(HostLoop.class);

    /** So many tasks run before the effects of the first must leave. */
    private static final int BATCH = 1024;

    private final Clock clock;
    private final Transport transport;
    private final RaftListener listener;
    private final PeerBoots peerBoots;
    private final RaftMetrics metrics;
    private final boolean isMeasured;
    private final ConcurrentLinkedQueue<Runnable> mailbox = new ConcurrentLinkedQueue<>();

    /**
     * Whether the loop will look into the mailbox; true before the start, when there is no loop to
     * do so.
     */
    private final AtomicBoolean scheduled = new AtomicBoolean(true);

    /**
     * When that became true; written by whoever made it so, and read by the loop before it ends.
     */
    private long scheduledNanos;

    /** When the batch at hand began; meaningful while {@code isStepping}. */
    private long batchNanos;

    private boolean isStepping;

    private final Map<Long, Replica> replicas = new HashMap<>();
    private final List<Replica> dirty = new ArrayList<>();
    private final DiskNews diskNews = new DiskNews();
    private volatile LogRoom room = LogRoom.ENOUGH;
    private volatile @Nullable Fault diskFull;
    private volatile EventLoop loop = NotStarted.LOOP;
    private @Nullable LogWriter writer;
    private final HostWatch watch;

    /**
     * Whom the transport has told of, and whether they are connected. Written in the loop, read by
     * any thread.
     */
    private final Map<NodeId, Boolean> connections = new ConcurrentSkipListMap<>();

    /** Counts what the transport told of connections. */
    private int connectionNews;

    /** Whether something was sent that belongs to no replica. */
    private boolean unflushed;

    /**
     * @param timeoutNanos the election timeout
     * @param seed of what is drawn for the whole host
     */
    HostLoop(
            Clock clock,
            Transport transport,
            RaftListener listener,
            PeerBoots peerBoots,
            HostIdentity identity,
            long timeoutNanos,
            RaftMetrics metrics,
            long seed) {
        this.clock = clock;
        this.transport = transport;
        this.listener = listener;
        this.peerBoots = peerBoots;
        this.metrics = metrics;
        this.isMeasured = metrics != RaftMetrics.NONE;
        this.watch = new HostWatch(this, listener, identity, timeoutNanos, seed);
    }

    /**
     * Called once, when the transport runs already: what it has brought until now waits in the
     * mailbox.
     */
    void start(EventLoop loop, LogWriter writer) {
        this.writer = writer;
        this.loop = loop;
        scheduledNanos = isMeasured ? clock.nanoTime() : 0;
        loop.execute(this::runMailbox);
    }

    EventLoop loop() {
        return loop;
    }

    Clock clock() {
        return clock;
    }

    RaftMetrics metrics() {
        return metrics;
    }

    Transport transport() {
        return transport;
    }

    HostWatch watch() {
        return watch;
    }

    @Nullable Replica replica(long group) {
        return replicas.get(group);
    }

    /** Sends what belongs to no replica; it leaves with the effects of this batch. */
    void send(NodeId to, ReplicaId from, long group, Message message) {
        transport.send(to, new Envelope(group, from, message));
        unflushed = true;
    }

    /** Changes whenever the transport tells of a connection. */
    int connectionNews() {
        return connectionNews;
    }

    /** How it stands with the connections to all whom the transport has told of. */
    Map<NodeId, Boolean> connections() {
        return connections;
    }

    // ---- for any thread ----

    List<NodeId> connectedPeers() {
        return connections.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Counts, so it is for whoever looks now and then. */
    int mailboxDepth() {
        return mailbox.size();
    }

    LogRoom logRoom() {
        return room;
    }

    @Nullable Fault diskFull() {
        return diskFull;
    }

    /** Runs the task in the loop, then drains what it touched. Any thread may call it. */
    void post(Runnable task) {
        mailbox.add(task);
        if (scheduled.compareAndSet(false, true)) {
            scheduledNanos = isMeasured ? clock.nanoTime() : 0;
            loop.execute(this::runMailbox);
        }
    }

    void add(Replica replica) {
        replicas.put(replica.key(), replica);
        if (room != LogRoom.ENOUGH) {
            replica.roomChanged(room, diskFull);
        }
        connections.forEach(
                (peer, there) -> {
                    if (!there) {
                        replica.connection(peer, false);
                    }
                });
    }

    /**
     * What room there is for the log; told after each sync.
     *
     * @param why the disk takes no more; null when it does
     */
    void room(LogRoom now, @Nullable Fault why) {
        if (now == room) {
            return;
        }
        boolean changed = (now == LogRoom.DISK_FULL) != (room == LogRoom.DISK_FULL);
        room = now;
        diskFull = why;
        List.copyOf(replicas.values()).forEach(replica -> replica.roomChanged(now, why));
        if (changed) {
            diskNews.tell(why, clock.nanoTime());
            listener.diskFull(why);
        }
    }

    /** The log needs this group's entries to be needed no more. */
    void compact(GroupId group) {
        Replica replica = replicas.get(group.key());
        if (replica != null) {
            replica.step(new Event.Snapshots(new SnapshotNews.Crowded()));
        }
    }

    void remove(Replica replica) {
        replicas.remove(replica.key(), replica);
    }

    /** The replica has effects to be drained after this batch. */
    void touch(Replica replica) {
        if (!replica.touched) {
            replica.touched = true;
            dirty.add(replica);
        }
    }

    void write(LogWriter.Job job) {
        if (writer != null) {
            writer.add(job);
        }
    }

    private void runMailbox() {
        long waitsSince = scheduledNanos;
        scheduled.set(false);
        if (isMeasured) {
            beginBatch();
            metrics.mailboxWaited(batchNanos - waitsSince);
        }
        long begunNanos = batchNanos;
        for (int i = 0; i < BATCH; i++) {
            Runnable task = mailbox.poll();
            if (task == null) {
                break;
            }
            runGuarded(task);
        }
        drain();
        if (!mailbox.isEmpty() && scheduled.compareAndSet(false, true)) {
            scheduledNanos = begunNanos; // what is left has waited since then at least
            loop.execute(this::runMailbox);
        }
    }

    private void beginBatch() {
        if (isMeasured && !isStepping) {
            isStepping = true;
            batchNanos = clock.nanoTime();
        }
    }

    private void endBatch(int touched) {
        if (isStepping) {
            isStepping = false;
            if (touched > 0) {
                metrics.batchStepped(clock.nanoTime() - batchNanos, touched);
            }
        }
    }

    private void runGuarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A task of the host's loop failed; this is a bug", e);
        }
    }

    /** Lets the effects of all touched replicas leave. */
    private void drain() {
        if (dirty.isEmpty() && !unflushed) {
            endBatch(0);
            return;
        }
        unflushed = false;
        for (int i = 0; i < dirty.size(); i++) {
            Replica replica = dirty.get(i);
            try {
                replica.drain();
            } catch (RuntimeException | Error e) { // its neighbours' effects leave all the same
                LOG.error("A replica's effects could not be carried out; this is a bug", e);
            }
            replica.touched = false;
        }
        int touched = dirty.size();
        dirty.clear();
        if (writer != null) {
            writer.kick();
        }
        transport.flush();
        endBatch(touched);
    }

    /**
     * The disk failed: no replica of this host can promise anything any more. Called in any thread.
     */
    void storageFailed(Fault fault) {
        post(() -> List.copyOf(replicas.values()).forEach(replica -> replica.fail(fault)));
    }

    // ---- what the transport tells ----

    @Override
    public void received(Envelope envelope) {
        if (!loop.inLoop()) {
            post(() -> deliver(envelope));
            return;
        }
        beginBatch();
        deliver(envelope);
    }

    private void deliver(Envelope envelope) {
        watch.heard(envelope.from().node());
        if (watch.received(envelope.from().node(), envelope.message())) {
            return;
        }
        Replica replica = replicas.get(envelope.group());
        if (replica != null) { // a group that isn't open here, or not yet
            replica.receive(envelope.from(), envelope.message());
        }
    }

    @Override
    public void endOfBatch() {
        if (loop.inLoop()) {
            drain();
        }
    }

    @Override
    public PeerBoots peerBoots() {
        return peerBoots;
    }

    @Override
    public void connected(NodeId peer) {
        LOG.debug("Connected to {}", peer);
        post(() -> connection(peer, true));
    }

    @Override
    public void disconnected(NodeId peer) {
        LOG.debug("Disconnected from {}", peer);
        post(() -> connection(peer, false));
    }

    /** Who sleeps is told when it wakes. */
    private void connection(NodeId peer, boolean there) {
        connections.put(peer, there);
        connectionNews++;
        if (!there) {
            watch.disconnected(peer);
        }
        for (Replica replica : List.copyOf(replicas.values())) {
            if (!replica.isAsleep() || (there && replica.sleepsWithout(peer))) {
                replica.connection(peer, there);
            }
        }
    }

    @Override
    public void refused(@Nullable NodeId peer, Fault fault) {
        post(() -> listener.peerRefused(peer, fault));
    }

    /** Stands in until {@link #start}. */
    private enum NotStarted implements EventLoop {
        LOOP;

        @Override
        public void execute(Runnable task) {
            throw new IllegalStateException("the host isn't started");
        }

        @Override
        public Cancellation at(long deadlineNanos, Runnable task) {
            throw new IllegalStateException("the host isn't started");
        }

        @Override
        public boolean inLoop() {
            return false;
        }

        @Override
        public void close() {}
    }
}
