package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.harness.process.Directories;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers don't outlive the process that started them, however it ends. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class AbandonedClusterIT {
    private static final Path DIRECTORY = Path.of("target", "clusters", "AbandonedClusterIT");

    @Test
    void serversEndWithWhoStartedThemAPausedOneToo() throws Exception {
        Directories.delete(DIRECTORY);
        Process owner =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Owner.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        List<ProcessHandle> servers = new ArrayList<>();
        try (BufferedReader printed =
                new BufferedReader(
                        new InputStreamReader(owner.getInputStream(), StandardCharsets.UTF_8))) {
            for (int i = 0; i < Owner.SIZE; i++) {
                long pid = Long.parseLong(String.valueOf(printed.readLine()));
                servers.add(ProcessHandle.of(pid).orElseThrow());
            }
        } finally {
            owner.destroyForcibly().waitFor();
        }
        assertThat(servers).hasSize(Owner.SIZE);
        Patience.until(
                () -> "servers go on: " + servers,
                () -> servers.stream().noneMatch(ProcessHandle::isAlive));
        Directories.delete(DIRECTORY);
    }

    /** Starts servers, pauses one, prints their process ids, and is never heard of again. */
    static final class Owner {
        static final int SIZE = 2;

        private Owner() {}

        public static void main(String[] args) throws IOException, InterruptedException {
            ServerCluster cluster = ServerCluster.start(DIRECTORY, SIZE);
            cluster.nodes().get(0).process().pause();
            for (ServerNode node : cluster.nodes()) {
                System.out.println(node.process().pid());
            }
            Thread.currentThread().join();
        }
    }
}
