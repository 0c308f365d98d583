package dev.lockstep.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.examples.kv.demo.FreePorts;
import dev.lockstep.examples.kv.demo.RespClient;
import dev.lockstep.examples.kv.store.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server as a process: how it starts, is told to stop, and fails. */
class ServerProcessIT {
    private static final int SIGTERM_EXIT = 128 + 15;
    private final List<Process> started = new ArrayList<>();
    @TempDir private Path directory;
    private int raftPort;
    private int redisPort;

    @BeforeEach
    void findPorts() throws IOException {
        List<Integer> ports = FreePorts.find(2);
        raftPort = ports.get(0);
        redisPort = ports.get(1);
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void keepsItsDataWhenItIsToldToStop() throws Exception {
        Path config = directory.resolve("server.properties");
        Files.writeString(
                config,
                String.join(
                        "\n",
                        "cluster=demo",
                        "node=n1",
                        "peers=n1=127.0.0.1:" + raftPort,
                        "data=" + directory.resolve("data"),
                        "redis-port=1"));
        Process first = start("--config", config.toString(), "--redis-port=" + redisPort);
        try (RespClient client = connect()) {
            assertThat(client.call("SET", "k", "v")).isEqualTo(Reply.ok());
        }
        first.destroy();
        assertThat(first.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(first.exitValue()).isEqualTo(SIGTERM_EXIT);

        start("--config", config.toString(), "--redis-port=" + redisPort);
        try (RespClient client = connect()) {
            assertThat(client.call("GET", "k")).isEqualTo(Reply.bulk("v"));
        }
    }

    @Test
    void endsWithItsStandardInputIfItIsAskedTo() throws Exception {
        Process server = start(options("--exit-with-stdin"));
        connect().close();
        server.getOutputStream().close();
        assertThat(server.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(server.exitValue()).isZero();
    }

    @Test
    void tellsInOneLineWhyItCannotRun() throws Exception {
        start(options());
        connect().close();
        assertThat(failureOf(options())).contains("DIRECTORY_LOCKED");
        assertThat(failureOf(options("--data=" + directory.resolve("other"))))
                .contains("can't listen");
        assertThat(failureOf(options("--data=/proc/nowhere"))).contains("/proc/nowhere");
    }

    private String failureOf(String... options) throws Exception {
        Path errors = directory.resolve("errors");
        Process failing = start(errors, options);
        assertThat(failing.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(failing.exitValue()).isEqualTo(1);
        List<String> lines = Files.readAllLines(errors);
        assertThat(lines).as(String.join("\n", lines)).noneMatch(line -> line.startsWith("\tat "));
        assertThat(lines.get(lines.size() - 1)).startsWith("server: ");
        return lines.get(lines.size() - 1);
    }

    private String[] options(String... more) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "--cluster=demo",
                                "--node=n1",
                                "--peers=n1=127.0.0.1:" + raftPort,
                                "--redis-port=" + redisPort,
                                "--data=" + directory.resolve("data")));
        for (String option : more) {
            String name = option.replaceFirst("=.*", "");
            all.removeIf(given -> given.startsWith(name + "="));
            all.add(option);
        }
        return all.toArray(String[]::new);
    }

    private Process start(String... options) throws IOException {
        return start(directory.resolve("log"), options);
    }

    private Process start(Path errors, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(JavaCommand.of(Server.class)));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        started.add(process);
        return process;
    }

    private RespClient connect() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(
                        () -> RespClient.connect(redisPort, Duration.ofSeconds(15)),
                        connected -> true);
    }
}
