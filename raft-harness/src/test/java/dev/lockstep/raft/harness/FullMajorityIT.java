package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.harness.check.ClusterCheck;
import dev.lockstep.raft.harness.client.NodeClient;
import dev.lockstep.raft.harness.client.Outcome;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.workload.Load;
import dev.lockstep.raft.harness.workload.WriteHistory;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two servers of three share a file system that is full. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class FullMajorityIT {
    private static final long WRITES = 50;
    private static final int MIB = 1 << 20;

    @Order(1)
    @RegisterExtension
    private final SmallDisk disk = new SmallDisk(64);

    @Order(2)
    @RegisterExtension
    private final ClusterExtension extension =
            new ClusterExtension(
                    () ->
                            new ServerCluster.Plan(
                                    Map.of("n1", disk.directory(), "n2", disk.directory()),
                                    List.of("--segment-bytes=" + MIB)));

    @Test
    void nothingIsAcknowledgedWhileNoMajorityHasRoomAndAllGoesOnWhenThereIs() throws Exception {
        ServerCluster cluster = extension.cluster();
        List<ServerNode> full = cluster.nodes().subList(0, 2);
        ServerNode roomy = cluster.nodes().get(2);
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            disk.fill(2 * MIB);
            for (ServerNode node : full) {
                node.awaitStatus("full", status -> status.diskFull().startsWith("DISK_FULL"));
            }
            try (NodeClient client = roomy.client()) {
                String key = "while no majority has room";
                Outcome<String> outcome =
                        client.run(jedis -> jedis.set(key, WriteHistory.valueOf(key)));
                load.writes().record(key, outcome);
                assertThat(outcome).isNotInstanceOf(Outcome.Done.class);
            }
            disk.empty();
            for (ServerNode node : full) {
                node.awaitStatus("told that there is room", status -> status.diskFull().isEmpty());
            }
            load.awaitProgress(cluster.nodes(), WRITES);
            ClusterCheck.endOf(load, cluster.nodes());
        }
    }
}
