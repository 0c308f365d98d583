package dev.lockstep.raft.harness;

import dev.lockstep.raft.harness.check.ClusterCheck;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.workload.Load;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RestartAllIT {
    private static final int CLIENTS_PER_NODE = 2;
    private static final long WRITES = 100;

    @RegisterExtension private final ClusterExtension extension = new ClusterExtension();

    @Test
    void aClusterThatIsKilledAsAWholeKeepsWhatItAcknowledged() throws Exception {
        ServerCluster cluster = extension.cluster();
        try (Load load = Load.start(cluster.nodes(), CLIENTS_PER_NODE)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            cluster.killAll();
            cluster.startAll();
            load.awaitProgress(cluster.nodes(), WRITES);
            ClusterCheck.endOf(load, cluster.nodes());
        }
    }
}
