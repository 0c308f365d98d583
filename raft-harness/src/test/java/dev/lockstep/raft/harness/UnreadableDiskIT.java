package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.harness.check.ClusterCheck;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.process.Strace;
import dev.lockstep.raft.harness.workload.Load;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A disk that doesn't read, as far as the system calls of a real process tell. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@SuppressWarnings("try") // what is injected lasts as long as the block
class UnreadableDiskIT {
    private static final long WRITES = 50;
    private static final String READS = "pread64";
    private static final String FAIL = "error=EIO";

    /** Old entries aren't in memory, and behind a snapshot there are none. */
    @RegisterExtension
    private final ClusterExtension extension =
            new ClusterExtension(
                    "--cache-bytes=4096", "--segment-bytes=65536", "--kept-log-bytes=0");

    @Test
    void aLeaderThatCannotReadItsLogGivesWayAndWhoNeedsTheEntriesHasThemFromOthers()
            throws Exception {
        ServerCluster cluster = extension.cluster();
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            ServerNode leader = cluster.awaitLeader();
            ServerNode slow = cluster.others(leader).get(0);
            slow.process().kill();
            load.awaitProgress(cluster.others(slow), 10 * WRITES);
            try (Strace failing = Injection.into(leader, READS, FAIL, segments(leader))) {
                cluster.start(slow);
                cluster.awaitCaughtUp(slow);
                Patience.until(
                        () -> leader + " doesn't say that it can't read",
                        () -> leader.log().contains("LOG_CORRUPT"));
                cluster.awaitLeader(cluster.others(leader));
                load.awaitProgress(cluster.others(leader), WRITES);
            }
            leader.awaitStatus("well again", status -> status.fault().isEmpty());
            load.awaitProgress(cluster.nodes(), WRITES);
            ClusterCheck.endOf(load, cluster.nodes());
        }
    }

    @Test
    void whatCannotBeReadAtAStartIsNotGivenUpForLost() throws Exception {
        ServerCluster cluster = extension.cluster();
        ServerNode victim = cluster.others(cluster.awaitLeader()).get(0);
        List<String> seen = new ArrayList<>();
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            try (var client = victim.client()) {
                client.command("RAFT.SNAPSHOT");
            }
            load.awaitProgress(cluster.nodes(), WRITES);
            Injection.into(victim, READS, FAIL, segments(victim)).close(); // whether that can be
            victim.process().stop();
            for (Path file : files(victim)) {
                cluster.launch(victim, READS, FAIL, List.of(file));
                Patience.until(
                        () -> victim + " neither answers nor ends",
                        () -> !victim.process().isAlive() || victim.status() != null);
                if (victim.process().isAlive()) {
                    victim.process().stop();
                    seen.add(file.getFileName() + ": started");
                } else {
                    assertThat(victim.log().tail(1))
                            .as("where %s isn't read", file)
                            .contains("STORAGE_FAILED")
                            .contains(file.getFileName().toString());
                    seen.add(file.getFileName() + ": " + victim.log().tail(1));
                }
            }
            System.out.println("UnreadableDiskIT: " + String.join("\n", seen));
            cluster.start(victim);
            cluster.awaitCaughtUp(victim);
            assertThat(victim.status().fault()).isEmpty();
            load.awaitProgress(cluster.nodes(), WRITES);
            ClusterCheck.endOf(load, cluster.nodes());
        }
    }

    private static List<Path> segments(ServerNode node) throws IOException {
        return files(node).stream().filter(file -> file.toString().endsWith(".log")).toList();
    }

    private static List<Path> files(ServerNode node) throws IOException {
        try (Stream<Path> files = Files.list(node.data())) {
            return files.sorted().toList();
        }
    }
}
