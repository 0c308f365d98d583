package dev.lockstep.examples.kv.demo;

import dev.lockstep.examples.kv.Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One server, in a process of its own that ends when this one does. */
final class ServerProcess {
    private static final long STOP_SECONDS = 8;

    private final Process process;

    private ServerProcess(Process process) {
        this.process = process;
    }

    /**
     * @param node its name
     * @param peers as for {@code --peers}
     * @param data its directory
     * @param redisPort where clients connect
     * @param lines gets each line of its log
     */
    static ServerProcess start(
            String node, String peers, Path data, int redisPort, Consumer<String> lines)
            throws IOException {
        // Standard input stays open as long as this process lives, however it ends.
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Server.class.getName(),
                        "--cluster=demo",
                        "--node=" + node,
                        "--peers=" + peers,
                        "--data=" + data,
                        "--redis-port=" + redisPort,
                        "--exit-with-stdin");
        Process process =
                new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        Thread reader = new Thread(() -> forward(process, lines), node + "-log");
        reader.setDaemon(true);
        reader.start();
        return new ServerProcess(process);
    }

    private static void forward(Process process, Consumer<String> lines) {
        try (BufferedReader log =
                new BufferedReader(
                        new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            for (String line = log.readLine(); line != null; line = log.readLine()) {
                lines.accept(line);
            }
        } catch (IOException e) {
            // Java closes the stream when it is told to end the process; there is nothing more to
            // tell.
            lines.accept("was told to stop");
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL: it has no time to tidy up. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGTERM, and SIGKILL if that isn't enough. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            kill();
        }
    }
}
