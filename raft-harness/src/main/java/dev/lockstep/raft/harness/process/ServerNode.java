package dev.lockstep.raft.harness.process;

import dev.lockstep.examples.kv.Server;
import dev.lockstep.raft.harness.Patience;
import dev.lockstep.raft.harness.client.NodeClient;
import dev.lockstep.raft.harness.client.NodeStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One node of a cluster: its name, ports and directory stay, its process comes and goes. */
public final class ServerNode implements AutoCloseable {
    private final String name;
    private final Path data;
    private final LogFile log;
    private final ReservedPort raftPort;
    private final ReservedPort redisPort;
    private final List<String> options;
    private volatile @Nullable ServerProcess process;

    /**
     * @param directory gets its log
     * @param data its directory
     * @param options of the server, beside those that every node of a cluster needs
     */
    ServerNode(String name, Path directory, Path data, List<String> options) throws IOException {
        this.name = name;
        this.data = data;
        this.options = options;
        this.log = new LogFile(directory.resolve(name + ".log"));
        this.raftPort = new ReservedPort();
        this.redisPort = new ReservedPort();
    }

    public String name() {
        return name;
    }

    /** Its directory; there once it was started. */
    public Path data() {
        return data;
    }

    public LogFile log() {
        return log;
    }

    /** Where Redis clients connect. */
    public int redisPort() {
        return redisPort.number();
    }

    /** As in {@code --peers}. */
    String peer() {
        return name + "=127.0.0.1:" + raftPort.number();
    }

    /** A client that connects when it is first used, and again when it must. */
    public NodeClient client() {
        return new NodeClient(name, redisPort());
    }

    /** What it tells of itself; null when it doesn't answer. */
    public @Nullable NodeStatus status() {
        try (NodeClient client = client()) {
            return client.status();
        }
    }

    /** Waits until it answers, and its status is so. */
    public NodeStatus awaitStatus(String what, Predicate<NodeStatus> wanted)
            throws InterruptedException {
        return Patience.await(
                Patience.DEFAULT,
                () -> name + " isn't " + what + ": " + status(),
                () -> {
                    NodeStatus status = status();
                    return status != null && wanted.test(status) ? status : null;
                });
    }

    /** Waits until it tells of a fault. */
    public NodeStatus awaitFault() throws InterruptedException {
        return awaitStatus("warned", status -> !status.fault().isEmpty());
    }

    /** Waits until it says that its disk is full, which is no fault. */
    public void awaitDiskFull() throws InterruptedException {
        awaitStatus(
                "full and without a fault",
                status -> status.diskFull().startsWith("DISK_FULL") && status.fault().isEmpty());
    }

    /** Waits until it takes entries again. */
    public void awaitRoom() throws InterruptedException {
        awaitStatus("told that there is room", status -> status.diskFull().isEmpty());
    }

    /** The run that was started last, ended or not. */
    public ServerProcess process() {
        ServerProcess last = process;
        if (last == null) {
            throw new IllegalStateException(name + " was never started");
        }
        return last;
    }

    /**
     * Starts the server; returns before it answers.
     *
     * @param peers of all nodes, as in {@code --peers}
     */
    void launch(String peers) {
        launch(List.of(), peers);
    }

    /**
     * @param before what runs the server's command, which follows it, in the same process
     */
    void launch(List<String> before, String peers) {
        List<String> command = new ArrayList<>(before);
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1", // processes live for seconds here
                        "-ea",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Server.class.getName(),
                        "--cluster=harness",
                        "--node=" + name,
                        "--peers=" + peers,
                        "--data=" + data,
                        "--redis-port=" + redisPort(),
                        "--election-timeout=" + ServerCluster.ELECTION_TIMEOUT.toMillis(),
                        "--exit-with-stdin"));
        command.addAll(options);
        try {
            process = ServerProcess.start(command, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Waits until it answers.
     *
     * @throws PortInUse when it ended because somebody else listens on one of its ports
     * @throws AssertionError when it ended for another reason
     */
    void awaitAnswer() throws InterruptedException {
        Patience.until(
                () -> name + " doesn't answer",
                () -> {
                    if (!process().isAlive()) {
                        throwEnded();
                    }
                    return status() != null;
                });
    }

    private void throwEnded() {
        String last = log.tail(1);
        if (last.contains("can't listen")) {
            throw new PortInUse(last);
        }
        throw new AssertionError(name + " has ended: " + last);
    }

    /** Deletes its directory. It must not run. */
    public void wipe() {
        checkIsDown();
        Directories.delete(data);
    }

    /** Keeps its directory under another name, so that it begins with an empty one. */
    public void setAside() throws IOException {
        checkIsDown();
        int number = 1;
        while (Files.exists(asideAs(number))) {
            number++;
        }
        Files.move(data, asideAs(number));
    }

    private Path asideAs(int number) {
        return data.resolveSibling(name + ".aside" + number);
    }

    private void checkIsDown() {
        if (process().isAlive()) {
            throw new IllegalStateException(name + " still runs");
        }
    }

    /** Kills it and frees its ports. */
    @Override
    public void close() throws IOException {
        ServerProcess last = process;
        if (last != null) {
            try {
                last.kill();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        raftPort.close();
        redisPort.close();
    }

    @Override
    public String toString() {
        return name;
    }

    /** Somebody else was quicker; other ports may be free. */
    static final class PortInUse extends RuntimeException {
        private static final long serialVersionUID = 1;

        PortInUse(String message) {
            super(message);
        }
    }
}
