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

/** A server whose file system really is full, and then is emptied under it. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SmallDiskIT {
    private static final long WRITES = 50;

    @Order(1)
    @RegisterExtension
    private final SmallDisk disk = SmallDisk.of(24);

    @Order(2)
    @RegisterExtension
    private final ClusterExtension extension = new ClusterExtension(() -> disk.planFor("n1"));

    @Test
    void aFollowerThatFillsItsDiskLetsTheOthersGoOnAndCatchesUpWhenItIsEmptied() throws Exception {
        ServerCluster cluster = extension.cluster();
        ServerNode small = cluster.nodes().get(0);
        List<ServerNode> others = cluster.others(small);
        cluster.transferTo(others.get(0));
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            disk.leaveLittle();
            small.awaitDiskFull();
            load.awaitProgress(others, WRITES);
            cluster.awaitLeader(others);

            disk.empty();
            small.awaitRoom();
            cluster.awaitCaughtUp(small);
            load.awaitProgress(cluster.nodes(), WRITES);
            ClusterCheck.endOf(load, cluster.nodes());
        }
    }
}
