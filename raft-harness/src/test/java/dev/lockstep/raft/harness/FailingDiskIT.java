package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.lockstep.raft.harness.check.CounterCheck;
import dev.lockstep.raft.harness.check.ReplicaCheck;
import dev.lockstep.raft.harness.check.WriteCheck;
import dev.lockstep.raft.harness.client.NodeStatus;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.process.Strace;
import dev.lockstep.raft.harness.workload.Load;
import java.io.IOException;
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
            try (Strace failing = injected(leader, callFails, "error=EIO")) {
                NodeStatus stopped =
                        Patience.await(
                                Patience.DEFAULT,
                                () -> leader + " doesn't stop: " + leader.status(),
                                () -> faultOf(leader));
                assertThat(stopped.fault()).startsWith("STORAGE_FAILED");
            }
            cluster.awaitLeader(others);
            load.awaitProgress(others, WRITES);
            // The disk is whole again, and still nothing is tried that failed.
            assertThat(faultOf(leader)).isNotNull();

            leader.process().kill();
            cluster.start(leader);
            load.awaitProgress(cluster.nodes(), WRITES);
            load.stop();
            WriteCheck.through(cluster.nodes(), load.writes());
            CounterCheck.through(cluster.nodes(), load.counter());
            ReplicaCheck.awaitEqual(cluster.nodes());
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
            try (Strace hanging = injected(leader, "fdatasync", "delay_enter=" + hangMicros)) {
                cluster.awaitLeader(others);
                load.awaitProgress(others, WRITES);
            }
            load.awaitProgress(cluster.nodes(), WRITES);
            load.stop();
            WriteCheck.through(cluster.nodes(), load.writes());
            CounterCheck.through(cluster.nodes(), load.counter());
            ReplicaCheck.awaitEqual(cluster.nodes());
        }
    }

    private static Strace injected(ServerNode node, String call, String what)
            throws InterruptedException {
        try {
            return node.process().inject(call, what);
        } catch (IOException e) {
            return abort("skipped, as system calls can't be made to fail here: " + e.getMessage());
        }
    }

    private static NodeStatus faultOf(ServerNode node) {
        NodeStatus status = node.status();
        return status == null || status.fault().isEmpty() ? null : status;
    }
}
