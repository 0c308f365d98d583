package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.harness.check.CounterCheck;
import dev.lockstep.raft.harness.check.ReplicaCheck;
import dev.lockstep.raft.harness.check.WriteCheck;
import dev.lockstep.raft.harness.client.NodeStatus;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.workload.Load;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(value = 3, unit = TimeUnit.MINUTES)
class WipedNodeIT {
    private static final long WRITES = 50;

    @RegisterExtension private final ClusterExtension extension = new ClusterExtension();

    @Test
    void aNodeThatLostItsDirectoryIsNoVoterAnyMoreAndTheOthersGoOn() throws Exception {
        ServerCluster cluster = extension.cluster();
        ServerNode victim = cluster.others(cluster.awaitLeader()).get(0);
        List<ServerNode> others = cluster.others(victim);
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            victim.process().stop();
            victim.wipe();
            load.awaitProgress(others, WRITES);
            cluster.start(victim);

            NodeStatus warned =
                    Patience.await(
                            Patience.DEFAULT,
                            () -> victim + " isn't warned: " + victim.status(),
                            () -> warnedStatus(victim));
            assertThat(warned.fault()).startsWith("AMNESIA").contains(victim.name());
            assertThat(victim.log().contains("AMNESIA")).isTrue();

            load.awaitProgress(others, WRITES);
            load.stop();
            WriteCheck.through(others, load.writes());
            CounterCheck.through(others, load.counter());
            ReplicaCheck.awaitEqual(others);
            assertThat(victim.process().isAlive()).as("its log can be asked").isTrue();
        }
    }

    private static NodeStatus warnedStatus(ServerNode node) {
        NodeStatus status = node.status();
        return status == null || status.fault().isEmpty() ? null : status;
    }
}
