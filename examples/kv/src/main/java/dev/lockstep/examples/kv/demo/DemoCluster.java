package dev.lockstep.examples.kv.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Three server processes on free ports of this machine. */
final class DemoCluster implements AutoCloseable {
    static final int NODES = 3;
    private static final Duration TIMEOUT = Duration.ofSeconds(15);
    private static final long PAUSE_MILLIS = 50;

    private final Path data;
    private final Consumer<String> log;
    private final List<Integer> redisPorts;
    private final String peers;
    private final List<@Nullable ServerProcess> processes = new ArrayList<>();
    private boolean closed;

    /**
     * @param data where each node has a directory
     * @param log gets each line that a node logs, with its name before it
     */
    DemoCluster(Path data, Consumer<String> log) throws IOException {
        this.data = data;
        this.log = log;
        List<Integer> ports = FreePorts.find(2 * NODES);
        this.redisPorts = ports.subList(0, NODES);
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            addresses.add(name(i) + "=127.0.0.1:" + ports.get(NODES + i));
            processes.add(null);
        }
        this.peers = addresses.stream().collect(Collectors.joining(","));
    }

    static String name(int node) {
        return "n" + (node + 1);
    }

    int redisPort(int node) {
        return redisPorts.get(node);
    }

    /** None may start once {@link #close} has begun, or it would be left behind. */
    synchronized ServerProcess start(int node) throws IOException {
        if (closed) {
            throw new IOException("the cluster is being stopped");
        }
        String name = name(node);
        ServerProcess started =
                ServerProcess.start(
                        name,
                        peers,
                        data.resolve(name),
                        redisPort(node),
                        line -> log.accept(name + " | " + line));
        processes.set(node, started);
        return started;
    }

    synchronized @Nullable ServerProcess process(int node) {
        return processes.get(node);
    }

    RespClient connect(int node) throws IOException {
        return RespClient.connect(redisPort(node), TIMEOUT);
    }

    /** Waits until that node answers. */
    void awaitNode(int node, Deadline deadline) throws IOException, InterruptedException {
        while (true) {
            try (RespClient client = connect(node)) {
                client.call("PING");
                return;
            } catch (IOException e) {
                ServerProcess process = process(node);
                if (process == null || !process.isAlive()) {
                    throw new IOException(
                            name(node) + " has ended; its last lines above say why", e);
                }
                deadline.check(name(node) + " doesn't answer", e);
                Thread.sleep(PAUSE_MILLIS);
            }
        }
    }

    /** Waits until these nodes name the same leader, which is one of them, and returns it. */
    int awaitLeader(List<Integer> nodes, Deadline deadline)
            throws IOException, InterruptedException {
        while (true) {
            List<String> named = new ArrayList<>();
            for (int node : nodes) {
                named.add(leaderSeenBy(node));
            }
            for (int node : nodes) {
                if (named.stream().allMatch(name(node)::equals)) {
                    return node;
                }
            }
            deadline.check("no leader; the nodes see " + named, null);
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private String leaderSeenBy(int node) {
        try (RespClient client = connect(node)) {
            return Replies.field(client.call("RAFT.STATUS"), "leader")
                    .map(Replies::text)
                    .orElse("nobody");
        } catch (IOException e) {
            return "nobody";
        }
    }

    /** Stops what was started. */
    @Override
    public synchronized void close() {
        closed = true;
        List<Thread> stopping = new ArrayList<>();
        for (ServerProcess process : processes) {
            if (process != null) {
                Thread thread = new Thread(() -> stop(process));
                thread.start();
                stopping.add(thread);
            }
        }
        for (Thread thread : stopping) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static void stop(ServerProcess process) {
        try {
            process.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
