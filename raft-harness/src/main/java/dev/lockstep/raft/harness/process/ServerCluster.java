package dev.lockstep.raft.harness.process;

import dev.lockstep.raft.harness.Patience;
import dev.lockstep.raft.harness.client.NodeClient;
import dev.lockstep.raft.harness.client.NodeStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Key-value servers on this machine that form one cluster. */
public final class ServerCluster implements AutoCloseable {
    /** That of every node. */
    public static final Duration ELECTION_TIMEOUT = Duration.ofSeconds(1);

    private static final int PORT_ATTEMPTS = 5;

    private final List<ServerNode> nodes;
    private final String peers;

    private ServerCluster(List<ServerNode> nodes) {
        this.nodes = List.copyOf(nodes);
        this.peers = nodes.stream().map(ServerNode::peer).collect(Collectors.joining(","));
    }

    /**
     * Starts the nodes n1, n2, … and returns once they have a leader.
     *
     * @param directory must be empty or not there; gets each node's data and log
     */
    public static ServerCluster start(Path directory, int size)
            throws IOException, InterruptedException {
        return start(directory, size, new Plan());
    }

    /**
     * What is special about a cluster.
     *
     * @param elsewhere where a node's data is to be, by its name, if not beside the others'
     * @param options of every server, beside those that it needs
     */
    public record Plan(Map<String, Path> elsewhere, List<String> options) {
        public Plan {
            elsewhere = Map.copyOf(elsewhere);
            options = List.copyOf(options);
        }

        /** Options only. */
        public Plan(String... options) {
            this(Map.of(), List.of(options));
        }
    }

    /** As {@link #start(Path, int)}, to a plan. */
    public static ServerCluster start(Path directory, int size, Plan plan)
            throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            // Data and logs of an attempt that failed stay, to be looked at.
            ServerCluster cluster = prepare(directory, "try" + attempt, size, plan);
            try {
                cluster.startAll();
                cluster.awaitLeader();
                return cluster;
            } catch (ServerNode.PortInUse e) {
                cluster.close();
                if (attempt == PORT_ATTEMPTS) {
                    throw e;
                }
            } catch (AssertionError | RuntimeException | InterruptedException e) {
                e.addSuppressed(new AssertionError(cluster.report()));
                cluster.close();
                throw e;
            }
        }
    }

    private static ServerCluster prepare(Path directory, String attempt, int size, Plan plan)
            throws IOException {
        Path logs = Files.createDirectories(directory.resolve(attempt));
        List<ServerNode> nodes = new ArrayList<>();
        for (int i = 1; i <= size; i++) {
            String name = "n" + i;
            Path data = plan.elsewhere().getOrDefault(name, directory).resolve(attempt);
            nodes.add(new ServerNode(name, logs, data.resolve(name), plan.options()));
        }
        return new ServerCluster(nodes);
    }

    public List<ServerNode> nodes() {
        return nodes;
    }

    /** All but that one. */
    public List<ServerNode> others(ServerNode node) {
        return nodes.stream().filter(each -> each != node).toList();
    }

    /** Starts a node that isn't running, and returns once it answers. */
    public void start(ServerNode node) throws InterruptedException {
        node.launch(peers);
        node.awaitAnswer();
    }

    /** Starts a node that isn't running and may refuse to; returns before it answers. */
    public void launch(ServerNode node) {
        node.launch(peers);
    }

    /**
     * As {@link #launch(ServerNode)}, while system calls on some files fail for the whole life of
     * that process.
     *
     * @param call a system call
     * @param what happens to it, as after the first colon of strace's {@code -e inject}
     */
    public void launch(ServerNode node, String call, String what, List<Path> files) {
        node.launch(Strace.prefix(call, what, files), peers);
    }

    /** Starts all nodes, none of which is running, and returns once they answer. */
    public void startAll() throws InterruptedException {
        nodes.forEach(node -> node.launch(peers));
        for (ServerNode node : nodes) {
            node.awaitAnswer();
        }
    }

    /** SIGKILL for all, as close to each other as can be; returns once all are gone. */
    public void killAll() throws InterruptedException {
        nodes.forEach(node -> node.process().signalKill());
        for (ServerNode node : nodes) {
            node.process().kill();
        }
    }

    /** Waits until all nodes name the same leader in the same term. */
    public ServerNode awaitLeader() throws InterruptedException {
        return awaitLeader(nodes);
    }

    /** Waits until these nodes name the same leader in the same term, and it is one of them. */
    public ServerNode awaitLeader(List<ServerNode> among) throws InterruptedException {
        return Patience.await(
                Patience.DEFAULT,
                () -> "no leader of " + among + ": " + statusOf(among),
                () -> leaderOf(among));
    }

    private static @Nullable ServerNode leaderOf(List<ServerNode> among) {
        List<NodeStatus> seen = statusOf(among);
        if (seen.size() < among.size()
                || seen.stream().map(NodeStatus::term).distinct().count() != 1) {
            return null;
        }
        return among.stream()
                .filter(node -> seen.stream().allMatch(s -> s.leader().equals(node.name())))
                .findFirst()
                .orElse(null);
    }

    /** Of those that answer. */
    private static List<NodeStatus> statusOf(List<ServerNode> among) {
        return among.stream().map(ServerNode::status).filter(Objects::nonNull).toList();
    }

    /** Makes that node the leader. */
    public void transferTo(ServerNode node) throws InterruptedException {
        Patience.until(
                () -> node + " doesn't get to lead: " + statusOf(nodes),
                () -> {
                    ServerNode leader = awaitLeader();
                    if (leader != node) {
                        ask(leader, "RAFT.TRANSFER", node.name());
                    }
                    return leader == node;
                });
    }

    /**
     * Has the group take a replica that isn't a member for the one that it knew on that node; the
     * way back of a node whose directory, or what it had promised, is lost.
     */
    public void replace(ServerNode node) throws InterruptedException {
        Patience.until(
                () -> node + " isn't taken in again: " + statusOf(nodes),
                () -> {
                    NodeStatus status = node.status();
                    boolean isMember = status != null && status.fault().isEmpty();
                    if (!isMember) {
                        ask(awaitLeader(others(node)), "RAFT.MEMBERS", "REPLACE", node.name());
                    }
                    return isMember;
                });
    }

    /** What comes of it is seen elsewhere, and it may be asked again. */
    private static void ask(ServerNode node, String... words) {
        try (NodeClient client = node.client()) {
            client.command(words);
        }
    }

    /** Waits until that node has applied all that any node knows to be committed now. */
    public void awaitCaughtUp(ServerNode node) throws InterruptedException {
        long goal = statusOf(nodes).stream().mapToLong(NodeStatus::commit).max().orElse(0);
        Patience.until(
                () -> node + " doesn't reach index " + goal + ": " + node.status(),
                () -> {
                    NodeStatus status = node.status();
                    return status != null && status.applied() >= goal;
                });
    }

    /** The highest term that a node knows. */
    public long term() {
        return statusOf(nodes).stream().mapToLong(NodeStatus::term).max().orElse(0);
    }

    /** For people: what each node tells of itself, and the end of its log. */
    public String report() {
        StringBuilder text = new StringBuilder();
        for (ServerNode node : nodes) {
            text.append(String.format("%n--- %s: %s%n", node, node.status()))
                    .append(String.format("--- the end of %s:%n", node.log().path()))
                    .append(node.log().tail(REPORTED_LINES));
        }
        return text.toString();
    }

    private static final int REPORTED_LINES = 60;

    /** Makes every running node print its threads into its log. */
    public void dumpThreads() throws InterruptedException {
        for (ServerNode node : nodes) {
            if (node.process().isAlive()) {
                node.process().dumpThreads();
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (ServerNode node : nodes) {
            node.close();
        }
    }
}
