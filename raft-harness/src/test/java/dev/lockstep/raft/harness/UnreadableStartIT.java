package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.harness.check.ClusterCheck;
import dev.lockstep.raft.harness.client.NodeClient;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.workload.Load;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A disk that doesn't read one of a directory's files when its node starts, and then does. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class UnreadableStartIT {
    private static final long WRITES = 50;
    private static final String READS = "pread64";
    private static final String FAIL = "error=EIO";

    /** Behind a snapshot there is no log. */
    @RegisterExtension
    private final ClusterExtension extension =
            new ClusterExtension("--segment-bytes=65536", "--kept-log-bytes=0");

    @Test
    void whatCannotBeReadAtAStartIsNotGivenUpForLost() throws Exception {
        ServerCluster cluster = extension.cluster();
        ServerNode victim = cluster.others(cluster.awaitLeader()).get(0);
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            try (NodeClient client = victim.client()) {
                client.command("RAFT.SNAPSHOT");
            }
            load.awaitProgress(cluster.nodes(), WRITES);
            Injection.into(victim, READS, FAIL).close(); // else this is skipped
            victim.process().stop();
            for (Path file : FileKind.files(victim.data())) {
                cluster.launch(victim, READS, FAIL, List.of(file));
                Patience.until(
                        () -> victim + " neither answers nor ends",
                        () -> !victim.process().isAlive() || victim.status() != null);
                if (victim.process().isAlive()) {
                    victim.process().stop();
                } else {
                    assertThat(victim.log().tail(1))
                            .as("where %s isn't read", file)
                            .contains("STORAGE_FAILED")
                            .contains(file.getFileName().toString());
                }
            }
            cluster.start(victim);
            cluster.awaitCaughtUp(victim);
            assertThat(victim.status().fault()).isEmpty();
            load.awaitProgress(cluster.nodes(), WRITES);
            ClusterCheck.endOf(load, cluster.nodes());
        }
    }
}
