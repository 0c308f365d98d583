package dev.lockstep.raft.node;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.runtime.GroupHandle;
import dev.lockstep.raft.runtime.HostRuntime;
import dev.lockstep.raft.runtime.Threads;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.RaftMetrics;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.spi.Storage;
import dev.lockstep.raft.spi.Transport;
import dev.lockstep.raft.spi.Workers;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One process's part in a cluster: a transport, a log and the replicas of any number of groups.
 * Made by {@link #builder}; every method may be called by any thread.
 */
public final class RaftHost implements AutoCloseable {
    private static final long MOST_UNAPPLIED = 10_000;

    private final HostRuntime runtime;

    private RaftHost(HostRuntime runtime) {
        this.runtime = runtime;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Who this host is, in this boot. */
    public HostIdentity identity() {
        return runtime.identity();
    }

    /** What is open on this host, or being opened, in no order. */
    public List<RaftGroup> groups() {
        List<RaftGroup> open = new ArrayList<>();
        runtime.insight()
                .groups()
                .forEach(handle -> open.add(new OpenGroup(handle, runtime.identity())));
        return open;
    }

    /** The group of that name, if it is open on this host, or being opened; else null. */
    public @Nullable RaftGroup group(String name) {
        GroupHandle handle = runtime.group(GroupId.of(name));
        return handle == null ? null : new OpenGroup(handle, runtime.identity());
    }

    /** What this host does right now. Waits for nothing; it looks at every group. */
    public HostStatus status() {
        return HostStatus.of(runtime.identity(), runtime.insight());
    }

    /**
     * Whether this host lives, and whether it should be sent work; the same as {@link
     * #health(long)} with 10,000 entries.
     */
    public HostHealth health() {
        return health(MOST_UNAPPLIED);
    }

    /**
     * Whether this host lives, and whether it should be sent work. Waits for nothing.
     *
     * @param mostUnapplied a replica that has more committed entries to apply isn't ready
     */
    public HostHealth health(long mostUnapplied) {
        return HostHealth.of(runtime.insight().health(mostUnapplied));
    }

    /**
     * Opens this host's replica of a group. At its first opening anywhere the group is founded by
     * all peers of this host, so it waits for all of them; later it runs whenever a majority does.
     *
     * @param group the same name on every host
     * @param machine this replica's own, in its initial state; every command of the log is applied
     *     to it. A {@link dev.lockstep.raft.spi.DurableStateMachine} goes on where its store ends
     * @return at once; what is asked of it waits until the replica is recovered
     * @throws IllegalStateException when the group is open here already, or this host is closed
     */
    public RaftGroup open(String group, StateMachine machine) {
        return new OpenGroup(runtime.open(GroupId.of(group), machine), runtime.identity());
    }

    /**
     * Opens this host's replica of a group that not all peers found, or whose founders this host
     * isn't one of. Such a replica follows the group as an outsider, without a vote, until {@link
     * RaftGroup#changeMembers} makes it a member.
     *
     * @param founders the nodes that found the group, the same on each of them; on a host that
     *     comes later, nodes to learn of the group from. All are among the peers. A sole founder
     *     that loses its directory would found the group a second time: once there are other
     *     members, name them too
     * @throws IllegalArgumentException when a founder isn't among the peers, or there is none
     * @throws IllegalStateException when the group is open here already, or this host is closed
     */
    public RaftGroup open(String group, List<NodeId> founders, StateMachine machine) {
        return new OpenGroup(
                runtime.open(GroupId.of(group), founders, machine), runtime.identity());
    }

    /**
     * Opens this host's replica of a group as a witness: it votes and keeps the positions of the
     * log, but no commands and no state, so it needs little room, and no state machine. It never
     * leads. Proposals are forwarded as on any follower; reads fail with reason {@code WITNESS}. A
     * replica is a witness or not from its first opening on.
     *
     * @throws IllegalStateException when the group is open here already, or this host is closed
     */
    public RaftGroup openWitness(String group) {
        return new OpenGroup(runtime.openWitness(GroupId.of(group)), runtime.identity());
    }

    /**
     * Opens a witness of a group that not all peers found, or whose founders this host isn't one
     * of.
     *
     * @param founders as in {@link #open(String, List, StateMachine)}; fewer of them may be
     *     witnesses than not
     * @throws IllegalArgumentException when a founder isn't among the peers, or there is none
     * @throws IllegalStateException when the group is open here already, or this host is closed
     */
    public RaftGroup openWitness(String group, List<NodeId> founders) {
        return new OpenGroup(runtime.openWitness(GroupId.of(group), founders), runtime.identity());
    }

    /**
     * Closes every group, the connections and the log, and waits for it. What was acknowledged is
     * durable.
     *
     * @throws IOException when the log's files could not be closed
     */
    @Override
    public void close() throws IOException {
        runtime.close();
    }

    /**
     * Collects what a host is made of. Cluster, node, peers, storage and transport must be given.
     */
    public static final class Builder {
        private @Nullable ClusterId cluster;
        private @Nullable NodeId node;
        private List<PeerAddress> peers = List.of();
        private @Nullable Storage storage;
        private @Nullable Transport transport;
        private RaftOptions options = RaftOptions.defaults();
        private RaftListener listener = new RaftListener() {};
        private RaftMetrics metrics = RaftMetrics.NONE;
        private Clock clock = Clock.SYSTEM;
        private @Nullable Workers workers;
        private @Nullable Executor callbacks;
        private @Nullable Long seed;
        private int applyThreads = Math.max(2, Runtime.getRuntime().availableProcessors());

        private static final Duration LEAST_STALL = Duration.ofMillis(10);
        private Duration stallTimeout = Duration.ofSeconds(1);

        private Builder() {}

        /** The cluster's name, the same on every host. */
        public Builder cluster(String id) {
            cluster = new ClusterId(id);
            return this;
        }

        /** This host's name in the cluster. */
        public Builder node(String id) {
            node = NodeId.of(id);
            return this;
        }

        /** Where all hosts are reached, this one included, each as {@code node=host:port}. */
        public Builder peers(String... addresses) {
            return peers(Arrays.stream(addresses).map(PeerAddress::parse).toList());
        }

        /** Where all hosts are reached, this one included. */
        public Builder peers(List<PeerAddress> addresses) {
            peers = List.copyOf(addresses);
            return this;
        }

        public Builder storage(Storage place) {
            storage = place;
            return this;
        }

        /** Used by this host alone, and closed with it. */
        public Builder transport(Transport carrier) {
            transport = carrier;
            return this;
        }

        /** Limits and times; {@link RaftOptions#defaults} unless given. */
        public Builder options(RaftOptions limits) {
            options = limits;
            return this;
        }

        public Builder listener(RaftListener hearing) {
            listener = hearing;
            return this;
        }

        /**
         * Who hears how long things take. Without, nothing is measured, and no clock read for it.
         */
        public Builder metrics(RaftMetrics hearing) {
            metrics = hearing;
            return this;
        }

        /** Where futures complete; on the threads that run the state machines unless given. */
        public Builder callbacks(Executor executor) {
            callbacks = executor;
            return this;
        }

        /**
         * How many threads run state machines; a group stays on one. At least 2 and one per
         * processor unless given.
         */
        public Builder applyThreads(int threads) {
            if (threads < 1) {
                throw new IllegalArgumentException("applyThreads must be at least 1: " + threads);
            }
            applyThreads = threads;
            return this;
        }

        /**
         * A loop of this host that hasn't turned for that long is blocked: {@link
         * RaftListener#loopStalled} tells by what, and {@link RaftHost#health} counts it. One
         * second unless given.
         */
        public Builder stallTimeout(Duration timeout) {
            if (timeout.compareTo(LEAST_STALL) < 0) {
                throw new IllegalArgumentException(
                        "stallTimeout must be at least " + LEAST_STALL + ": " + timeout);
            }
            stallTimeout = timeout;
            return this;
        }

        /** For tests and simulation. */
        public Builder clock(Clock time) {
            clock = time;
            return this;
        }

        /** For tests and simulation: where loops come from. Threads of this host unless given. */
        public Builder workers(Workers source) {
            workers = source;
            return this;
        }

        /**
         * For tests and simulation: the seed of election timeouts and drawn ids. Drawn securely
         * unless given.
         */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /**
         * Opens the storage, then starts the transport.
         *
         * @throws IllegalArgumentException when something is missing or contradictory; nothing was
         *     touched
         * @throws StorageException when the storage can't be used, with a named fault
         * @throws IOException when it can't be read or written, or the address can't be listened on
         */
        public RaftHost start() throws IOException {
            ClusterId clusterId = need("cluster", cluster);
            NodeId self = need("node", node);
            Storage place = need("storage", storage);
            Transport carrier = need("transport", transport);
            checkPeers(self);
            LogStore store = place.open(clusterId, self);
            try {
                return new RaftHost(
                        new HostRuntime(
                                new HostRuntime.Parts(
                                        store,
                                        carrier,
                                        peers,
                                        options,
                                        listener,
                                        metrics,
                                        clock,
                                        workers == null ? new Threads(self) : workers,
                                        callbacks,
                                        applyThreads,
                                        stallTimeout,
                                        seed == null ? new SecureRandom().nextLong() : seed)));
            } catch (IOException | RuntimeException e) {
                store.close();
                throw e;
            }
        }

        private void checkPeers(NodeId self) {
            Set<NodeId> named = new HashSet<>();
            for (PeerAddress peer : peers) {
                if (!named.add(peer.node())) {
                    throw new IllegalArgumentException(
                            "peer " + peer.node() + " is named twice in " + peers);
                }
            }
            if (!named.contains(self)) {
                throw new IllegalArgumentException(
                        "this node, "
                                + self
                                + ", is not among the peers "
                                + peers
                                + "; its own address must be there too");
            }
        }

        private static <T> T need(String what, @Nullable T given) {
            if (given == null) {
                throw new IllegalArgumentException(
                        "RaftHost needs a " + what + "; give it to the builder");
            }
            return given;
        }
    }
}
