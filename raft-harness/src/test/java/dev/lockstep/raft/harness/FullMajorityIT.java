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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two servers of three share a file system that really is full. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class FullMajorityIT {
    private static final long WRITES = 50;

    @Order(1)
    @RegisterExtension
    private final SmallDisk disk = SmallDisk.of(32);

    @Order(2)
    @RegisterExtension
    private final ClusterExtension extension = new ClusterExtension(() -> disk.planFor("n1", "n2"));

    @Test
    void nothingIsAcknowledgedWhileNoMajorityHasRoomAndAllGoesOnWhenThereIs() throws Exception {
        ServerCluster cluster = extension.cluster();
        List<ServerNode> full = cluster.nodes().subList(0, 2);
        ServerNode roomy = cluster.nodes().get(2);
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            disk.leaveLittle();
            for (ServerNode node : full) {
                node.awaitDiskFull();
            }
            assertThat(write(roomy, load.writes())).isNotInstanceOf(Outcome.Done.class);

            disk.empty();
            for (ServerNode node : full) {
                node.awaitRoom();
            }
            load.awaitProgress(cluster.nodes(), WRITES);
            ClusterCheck.endOf(load, cluster.nodes());
        }
    }

    private static Outcome<String> write(ServerNode through, WriteHistory history) {
        String key = "written while no majority has room";
        try (NodeClient client = through.client()) {
            Outcome<String> outcome =
                    client.run(jedis -> jedis.set(key, WriteHistory.valueOf(key)));
            history.record(key, outcome);
            return outcome;
        }
    }
}
