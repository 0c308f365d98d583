package dev.lockstep.examples.kv.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.examples.kv.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demonstration in processes of its own. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class DemoIT {
    private static final Pattern NODE = Pattern.compile("redis-cli -p (\\d+) ");
    @TempDir private Path directory;

    @Test
    void theCheckPrintsOneLineAndEndsWell() throws Exception {
        Process demo = start("--check");
        String printed = new String(demo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(demo.waitFor()).as(printed + log()).isZero();
        assertThat(printed.lines()).singleElement().asString().startsWith("OK: 5000 keys");
    }

    @Test
    void whatItStartedEndsWithItHoweverItEnds() throws Exception {
        Process demo = start("--data", directory.resolve("data").toString());
        List<ProcessHandle> servers = new ArrayList<>();
        try (BufferedReader printed =
                new BufferedReader(
                        new InputStreamReader(demo.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(portsIn(printed)).as(log()).hasSize(3);
            demo.descendants().forEach(servers::add);
            assertThat(servers).hasSize(3);
            demo.destroyForcibly().waitFor();
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> servers.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(directory.resolve("data/n1")).as("data that it was given").isDirectory();
    }

    private static List<Integer> portsIn(BufferedReader printed) throws IOException {
        List<Integer> ports = new ArrayList<>();
        for (String line = printed.readLine(); line != null; line = printed.readLine()) {
            Matcher node = NODE.matcher(line);
            if (node.find()) {
                ports.add(Integer.valueOf(node.group(1)));
            }
            if (line.contains("Ctrl-C")) {
                return ports;
            }
        }
        return ports;
    }

    private Process start(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(JavaCommand.of(Demo.class)));
        command.addAll(List.of(options));
        return new ProcessBuilder(command).redirectError(directory.resolve("log").toFile()).start();
    }

    private String log() throws IOException {
        return "\n" + Files.readString(directory.resolve("log"));
    }
}
