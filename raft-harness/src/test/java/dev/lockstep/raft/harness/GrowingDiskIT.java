package dev.lockstep.raft.harness;

import dev.lockstep.raft.harness.check.ClusterCheck;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.workload.Load;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server whose file system really is full, and then is enlarged under it. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class GrowingDiskIT {
    private static final int MEBIBYTES = 24;
    private static final long WRITES = 50;

    @Order(1)
    @RegisterExtension
    private final SmallDisk disk = SmallDisk.thatGrowsFrom(MEBIBYTES);

    @Order(2)
    @RegisterExtension
    private final ClusterExtension extension = new ClusterExtension(() -> disk.planFor("n1"));

    @Test
    void aLeaderThatFillsItsDiskHandsOverAndMayLeadAgainWhenItIsEnlarged() throws Exception {
        ServerCluster cluster = extension.cluster();
        ServerNode small = cluster.nodes().get(0);
        List<ServerNode> others = cluster.others(small);
        cluster.transferTo(small);
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            disk.leaveLittle();
            small.awaitDiskFull();
            cluster.awaitLeader(others);
            load.awaitProgress(others, WRITES);

            disk.enlargeTo(2 * MEBIBYTES);
            small.awaitRoom();
            cluster.transferTo(small);
            load.awaitProgress(cluster.nodes(), WRITES);
            ClusterCheck.endOf(load, cluster.nodes());
        }
    }
}
