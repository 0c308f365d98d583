package dev.lockstep.raft.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Many groups on each of three hosts, which are three processes of this machine: how long they take
 * to open, what they cost while nobody uses them, how long they are without a leader when a host is
 * killed, and whether a thousand that are used at once do as much as one.
 *
 * <p>Arguments: a directory, which should be empty; how many groups, 10,000 unless told; how many
 * of them are used at once, 1,000 unless told.
 */
public final class GroupsBenchmark {
    private static final int IDLE_SECONDS = 20;
    private static final int LOAD_SECONDS = 10;

    /** Founding and electing all at once would keep two cores from answering in time. */
    private static final int AT_ONCE = 500;

    private static final int FIRST_PORT = 17_101;
    private static final String[] PEERS = {
        "n1=127.0.0.1:" + FIRST_PORT,
        "n2=127.0.0.1:" + (FIRST_PORT + 1),
        "n3=127.0.0.1:" + (FIRST_PORT + 2)
    };

    private final List<Host> hosts = new ArrayList<>();

    private static final class Host {
        final String node;
        final Process process;
        private final BufferedReader answers;
        private final BufferedWriter commands;

        Host(String node, Path directory) throws IOException {
            this.node = node;
            List<String> command =
                    new ArrayList<>(
                            List.of(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-Xmx1g",
                                    "-XX:+UseSerialGC",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    GroupsHost.class.getName(),
                                    node,
                                    directory.resolve(node).toString()));
            command.addAll(List.of(PEERS));
            process =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            answers = process.inputReader(StandardCharsets.UTF_8);
            commands = process.outputWriter(StandardCharsets.UTF_8);
        }

        void tell(String command) throws IOException {
            commands.write(command + "\n");
            commands.flush();
        }

        String answer() throws IOException {
            String line = answers.readLine();
            if (line == null) {
                throw new IOException(node + " has ended");
            }
            return line;
        }

        /** Of all its threads, in user and system mode. */
        double cpuSeconds() throws IOException {
            String stat = Files.readString(Path.of("/proc", "" + process.pid(), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
        }
    }

    private GroupsBenchmark() {}

    /** Runs it. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int groups = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000;
        int active = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1_000;
        GroupsBenchmark benchmark = new GroupsBenchmark();
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () ->
                                        benchmark.hosts.forEach(
                                                host -> host.process.destroyForcibly())));
        benchmark.run(Path.of(arguments[0]), groups, active);
    }

    private void run(Path directory, int groups, int active)
            throws IOException, InterruptedException {
        Files.createDirectories(directory);
        for (int i = 1; i <= PEERS.length; i++) {
            hosts.add(new Host("n" + i, directory));
        }
        for (Host host : hosts) {
            say("%s is %s", host.node, host.answer());
        }
        List<Long> empty = ask("heap");
        long began = System.nanoTime();
        for (int opened = 0; opened < groups; opened += AT_ONCE) {
            ask("open " + Math.min(AT_ONCE, groups - opened));
        }
        say(
                "%,d groups opened on each of three hosts, 500 at once, and led: %.1f s",
                groups, secondsSince(began));
        ask("asleep");
        say("all asleep: %.1f s after the first was opened", secondsSince(began));
        List<Long> full = ask("heap");
        for (int i = 0; i < full.size(); i++) {
            say(
                    "%s: heap per group %,d bytes",
                    hosts.get(i).node, (full.get(i) - empty.get(i)) / groups);
        }
        idle();
        for (int count : new int[] {1, active, 1, active}) {
            long sum = ask("load " + count + " " + LOAD_SECONDS).stream().mapToLong(n -> n).sum();
            say("%,5d groups in use: %,d proposals/s", count, sum / LOAD_SECONDS);
        }
        ask("asleep");
        kill();
    }

    private void idle() throws IOException, InterruptedException {
        double[] before = new double[hosts.size()];
        for (int i = 0; i < before.length; i++) {
            before[i] = hosts.get(i).cpuSeconds();
        }
        Thread.sleep(IDLE_SECONDS * 1_000L);
        for (int i = 0; i < before.length; i++) {
            double used = hosts.get(i).cpuSeconds() - before[i];
            say("%s: idle at %.2f%% of a core", hosts.get(i).node, 100 * used / IDLE_SECONDS);
        }
    }

    private void kill() throws IOException, InterruptedException {
        List<Long> led = ask("led");
        int most = 0;
        for (int i = 1; i < led.size(); i++) {
            most = led.get(i) > led.get(most) ? i : most;
        }
        Host killed = hosts.remove(most);
        long began = System.nanoTime();
        killed.process.destroyForcibly().waitFor();
        ask("led-without " + killed.node);
        say(
                "%s, which led %,d groups, killed: all led again after %.1f s",
                killed.node, led.get(most), secondsSince(began));
    }

    /** All at once; answers once all have. */
    private List<Long> ask(String command) throws IOException {
        for (Host host : hosts) {
            host.tell(command);
        }
        List<Long> answers = new ArrayList<>();
        for (Host host : hosts) {
            answers.add(Long.parseLong(host.answer()));
        }
        return answers;
    }

    private static double secondsSince(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    private static void say(String format, Object... values) {
        System.out.printf(Locale.ROOT, format + "%n", values);
    }
}
