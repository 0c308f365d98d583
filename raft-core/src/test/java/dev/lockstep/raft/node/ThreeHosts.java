package dev.lockstep.raft.node;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.RaftMetrics;
import dev.lockstep.raft.spi.ReadLevel;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.spi.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Three hosts on real threads, n1 to n3, with disk and network in memory, and the group "sum" on
 * them.
 */
final class ThreeHosts implements AutoCloseable {
    static final List<String> NODES = List.of("n1", "n2", "n3");
    static final GroupId GROUP = GroupId.of("sum");

    final MemoryNetwork network = new MemoryNetwork();
    private final Map<String, MemoryStorage> disks = new TreeMap<>();
    private final Map<String, RaftHost> hosts = new TreeMap<>();
    private final Map<String, RaftGroup> groups = new TreeMap<>();
    private RaftOptions options;
    private UnaryOperator<Transport> carrier = transport -> transport;
    private Duration stallTimeout = Duration.ofSeconds(1);
    private Function<String, RaftMetrics> metrics = node -> RaftMetrics.NONE;
    private Clock clock = Clock.SYSTEM;
    private Function<String, RaftListener> listeners = node -> new RaftListener() {};

    ThreeHosts(RaftOptions options) {
        this.options = options;
        NODES.forEach(node -> disks.put(node, new MemoryStorage()));
    }

    /** For hosts that start from now on. */
    ThreeHosts options(RaftOptions next) {
        options = next;
        return this;
    }

    /** What stands between a host and the network, for hosts that start from now on. */
    ThreeHosts through(UnaryOperator<Transport> next) {
        carrier = next;
        return this;
    }

    /** Who hears what becomes of each node's replica, for hosts that start from now on. */
    ThreeHosts heardBy(Function<String, RaftListener> next) {
        listeners = next;
        return this;
    }

    /** Who measures each node, for hosts that start from now on. */
    ThreeHosts measuredBy(Function<String, RaftMetrics> next) {
        metrics = next;
        return this;
    }

    /** For hosts that start from now on. */
    ThreeHosts timedBy(Clock next) {
        clock = next;
        return this;
    }

    /** For hosts that start from now on. */
    ThreeHosts stallingAfter(Duration next) {
        stallTimeout = next;
        return this;
    }

    RaftHost host(String node) {
        return hosts.get(node);
    }

    void start(String node, StateMachine machine) throws IOException {
        RaftHost unusedHost = startHost(node);
        open(node, machine);
    }

    /** Without the group; all groups of a host share one thread for their state machines. */
    RaftHost startHost(String node) throws IOException {
        RaftHost host =
                RaftHost.builder()
                        .cluster("test")
                        .node(node)
                        .peers("n1=h:1", "n2=h:2", "n3=h:3")
                        .storage(disk(node))
                        .transport(carrier.apply(network.transport()))
                        .options(options)
                        .applyThreads(1)
                        .stallTimeout(stallTimeout)
                        .metrics(metrics.apply(node))
                        .clock(clock)
                        .listener(listeners.apply(node))
                        .start();
        hosts.put(node, host);
        return host;
    }

    void open(String node, StateMachine machine) {
        groups.put(node, hosts.get(node).open(GROUP.name(), machine));
    }

    void startAll(Supplier<StateMachine> machines) throws IOException {
        for (String node : NODES) {
            start(node, machines.get());
        }
    }

    void stop(String node) throws IOException {
        groups.remove(node);
        hosts.remove(node).close();
    }

    @Override
    public void close() throws IOException {
        for (String node : List.copyOf(hosts.keySet())) {
            stop(node);
        }
    }

    MemoryStorage disk(String node) {
        return disks.get(node);
    }

    RaftGroup on(String node) {
        return groups.get(node);
    }

    /** Of the hosts that run, one each. */
    List<RaftGroup> groups() {
        return List.copyOf(groups.values());
    }

    String leader() throws Exception {
        return get(groups().get(0).awaitLeader()).value();
    }

    /** Somebody else than the leader. */
    String follower() throws Exception {
        return otherThan(leader());
    }

    static String otherThan(String node) {
        return node.equals(NODES.get(0)) ? NODES.get(1) : NODES.get(0);
    }

    void cut(String node) {
        network.cut(NodeId.of(node));
    }

    void join(String node) {
        network.join(NodeId.of(node));
    }

    void add(String node, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            get(on(node).propose(Payload.of(1)));
        }
    }

    long sumOn(String node) throws Exception {
        return get(on(node).read(Payload.EMPTY, ReadLevel.LINEARIZABLE)).asLong();
    }

    static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }
}
