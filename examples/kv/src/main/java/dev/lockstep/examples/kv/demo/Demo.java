package dev.lockstep.examples.kv.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Starts three servers and tells how to talk to them, or checks them; stops what it started,
 * however it ends.
 */
@Command(
        name = "demo",
        description = "Three nodes of a replicated key-value store on this machine.",
        mixinStandardHelpOptions = true,
        version = "demo")
public final class Demo implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Option(
            names = "--check",
            description = "Write, read, kill the leader, compare; print one line; exit 0 or 1.")
    private boolean check;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where the nodes keep their data (a temporary one).")
    private @Nullable Path data;

    public static void main(String[] args) {
        System.exit(new CommandLine(new Demo()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Path given = data;
        Path directory =
                given == null
                        ? Files.createTempDirectory("lockstep-demo-")
                        : Files.createDirectories(given);
        DemoCluster cluster = new DemoCluster(directory, Demo::tell);
        Thread cleanUp =
                new Thread(
                        () -> {
                            cluster.close();
                            if (given == null) {
                                delete(directory);
                            }
                        });
        Runtime.getRuntime().addShutdownHook(cleanUp);
        try {
            for (int node = 0; node < DemoCluster.NODES; node++) {
                cluster.start(node);
            }
            for (int node = 0; node < DemoCluster.NODES; node++) {
                cluster.awaitNode(node, Deadline.in(PATIENCE));
            }
            if (check) {
                say(new DemoCheck(cluster, Demo::tell).run());
                return CommandLine.ExitCode.OK;
            }
            invite(cluster, directory);
            Thread.currentThread().join(); // until Ctrl-C
            return CommandLine.ExitCode.OK;
        } catch (IOException e) {
            say("FAILED: " + e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    private static void invite(DemoCluster cluster, Path directory)
            throws IOException, InterruptedException {
        int leader = cluster.awaitLeader(List.of(0, 1, 2), Deadline.in(PATIENCE));
        say("");
        say("Three nodes are running. Any of them takes any command:");
        say("");
        for (int node = 0; node < DemoCluster.NODES; node++) {
            ServerProcess process = cluster.process(node);
            String part = node == leader ? "leader" : "follower";
            long pid = process == null ? 0 : process.pid();
            say(
                    String.format(
                            "    redis-cli -p %d    # %s, %s, process %d",
                            cluster.redisPort(node), DemoCluster.name(node), part, pid));
        }
        say("");
        say(
                "Try SET greeting hello on one, GET greeting on another, then kill -9 the leader and go on.");
        say("Data is in " + directory + ". Role changes follow. Ctrl-C stops everything.");
        say("");
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static void tell(String line) {
        System.err.println(line);
    }

    private static void delete(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            all.sorted(Comparator.reverseOrder()).forEach(Demo::deleteOne);
        } catch (IOException | UncheckedIOException e) {
            tell("can't remove " + directory + ": " + e.getMessage());
        }
    }

    private static void deleteOne(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
