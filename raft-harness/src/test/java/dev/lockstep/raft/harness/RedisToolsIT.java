package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.harness.process.ServerNode;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The tools that come with Redis work against every node. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RedisToolsIT {
    // Before the cluster, so that none is started in vain.
    @RegisterExtension
    private static final RequiredPrograms PROGRAMS =
            new RequiredPrograms("redis-cli", "redis-benchmark");

    @RegisterExtension private final ClusterExtension extension = new ClusterExtension();

    @Test
    void redisCliWorksAgainstEveryNode() throws Exception {
        int count = 0;
        for (ServerNode node : extension.cluster().nodes()) {
            count++;
            assertThat(cli(node, "PING")).isEqualTo("PONG\n");
            assertThat(cli(node, "SET", "k", "through " + node, "EX", "1000")).isEqualTo("OK\n");
            for (ServerNode reader : extension.cluster().nodes()) {
                assertThat(cli(reader, "GET", "k")).isEqualTo("through " + node + "\n");
            }
            assertThat(Long.parseLong(cli(node, "TTL", "k").trim())).isBetween(900L, 1000L);
            assertThat(cli(node, "INCR", "n")).isEqualTo(count + "\n");
            assertThat(cli(node, "INCR", "k"))
                    .startsWith("ERR value is not an integer or out of range");
            assertThat(cli(node, "NONSENSE")).startsWith("ERR unknown command 'NONSENSE'");
        }
    }

    @Test
    void redisBenchmarkWorksAgainstEveryNode() throws Exception {
        for (ServerNode node : extension.cluster().nodes()) {
            String printed =
                    Programs.run(
                            "redis-benchmark",
                            "-p",
                            Integer.toString(node.redisPort()),
                            "-t",
                            "set,get,incr",
                            "-n",
                            "2000",
                            "-q");
            String results = printed.replaceAll("[^\n]*\r", ""); // what a terminal overwrites
            System.out.println("redis-benchmark through " + node + ": " + summary(results));
            assertThat(results)
                    .as(printed)
                    .containsPattern("SET: [0-9.]+ requests per second")
                    .containsPattern("GET: [0-9.]+ requests per second")
                    .containsPattern("INCR: [0-9.]+ requests per second")
                    .doesNotContain("WARN")
                    .doesNotContainIgnoringCase("error");
        }
    }

    private static String summary(String results) {
        return String.join("; ", results.lines().filter(line -> !line.isBlank()).toList());
    }

    private static String cli(ServerNode node, String... words)
            throws IOException, InterruptedException {
        String[] command = new String[words.length + 3];
        command[0] = "redis-cli";
        command[1] = "-p";
        command[2] = Integer.toString(node.redisPort());
        System.arraycopy(words, 0, command, 3, words.length);
        return Programs.run(command).replaceFirst("\n\n$", "\n");
    }
}
