package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.harness.check.ClusterCheck;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.process.Strace;
import dev.lockstep.raft.harness.workload.Load;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The leader's disk fails or hangs, as far as the system calls of a real process tell. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@SuppressWarnings("try") // what is injected lasts as long as the block
class FailingDiskIT {
    private static final long WRITES = 50;

    @RegisterExtension private final ClusterExtension extension = new ClusterExtension();

    @Test
    void aLeaderWhoseSyncFailsStopsAndTakesNothingAcknowledgedWithIt() throws Exception {
        aLeaderStopsWhen("fdatasync");
    }

    @Test
    void aLeaderWhoseWriteFailsStopsAndTakesNothingAcknowledgedWithIt() throws Exception {
        aLeaderStopsWhen("pwrite64");
    }

    private void aLeaderStopsWhen(String callFails) throws Exception {
        ServerCluster cluster = extension.cluster();
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            ServerNode leader = cluster.awaitLeader();
            List<ServerNode> others = cluster.others(leader);
            try (Strace failing = Injection.into(leader, callFails, "error=EIO")) {
                assertThat(leader.awaitFault().fault()).startsWith("STORAGE_FAILED");
            }
            cluster.awaitLeader(others);
            load.awaitProgress(others, WRITES);
            // The disk is whole again, and still nothing is tried that failed.
            assertThat(leader.status().fault()).startsWith("STORAGE_FAILED");

            leader.process().kill();
            cluster.start(leader);
            load.awaitProgress(cluster.nodes(), WRITES);
            ClusterCheck.endOf(load, cluster.nodes());
        }
    }

    @Test
    void aLeaderWhoseDiskHangsGivesLeadershipAway() throws Exception {
        ServerCluster cluster = extension.cluster();
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            ServerNode leader = cluster.awaitLeader();
            List<ServerNode> others = cluster.others(leader);
            long hangMicros = 8 * ServerCluster.ELECTION_TIMEOUT.toNanos() / 1000;
            try (Strace hanging =
                    Injection.into(leader, "fdatasync", "delay_enter=" + hangMicros)) {
                cluster.awaitLeader(others);
                load.awaitProgress(others, WRITES);
            }
            load.awaitProgress(cluster.nodes(), WRITES);
            ClusterCheck.endOf(load, cluster.nodes());
        }
    }
}
