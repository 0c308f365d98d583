package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.harness.check.ClusterCheck;
import dev.lockstep.raft.harness.client.StateDigest;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.workload.Load;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** As many kills as {@code -Dlockstep.kills} says. */
@Timeout(value = 2, unit = TimeUnit.HOURS) // each wait has a bound of its own
class KillLeaderIT {
    private static final int KILLS =
            Integer.getInteger("lockstep.kills", Boolean.getBoolean("lockstep.ci") ? 5 : 3);
    private static final int CLIENTS_PER_NODE = 2;
    private static final long WRITES = 50;

    @RegisterExtension private final ClusterExtension extension = new ClusterExtension();

    @Test
    void leadersThatAreKilledTakeNothingAcknowledgedWithThem() throws Exception {
        ServerCluster cluster = extension.cluster();
        long beginNanos = System.nanoTime();
        long firstTerm = cluster.term();
        try (Load load = Load.start(cluster.nodes(), CLIENTS_PER_NODE)) {
            for (int kill = 0; kill < KILLS; kill++) {
                load.awaitProgress(cluster.nodes(), WRITES);
                killLeader(cluster, load);
            }
            load.awaitProgress(cluster.nodes(), WRITES);
            StateDigest state = ClusterCheck.endOf(load, cluster.nodes());
            long elections = cluster.term() - firstTerm;
            assertThat(elections).isGreaterThanOrEqualTo(KILLS);
            print(load, elections, state, (System.nanoTime() - beginNanos) / 1e9);
        }
    }

    private static void killLeader(ServerCluster cluster, Load load) throws InterruptedException {
        ServerNode leader = cluster.awaitLeader();
        leader.process().kill();
        List<ServerNode> survivors = cluster.others(leader);
        load.awaitProgress(survivors, WRITES);
        cluster.start(leader);
        cluster.awaitCaughtUp(leader);
    }

    private static void print(Load load, long elections, StateDigest state, double seconds) {
        System.out.printf(
                "KillLeaderIT: %d writes acknowledged, %d surely failed, %d unknown; %d increments acknowledged, %d unknown;"
                        + " %d kills, %d elections, %.1f s; 3 replicas equal at index %d with %d keys%n",
                load.writes().acknowledgedCount(),
                load.writes().failed().size(),
                load.writes().unknown().size(),
                load.counter().acknowledged(),
                load.counter().unknown(),
                KILLS,
                elections,
                seconds,
                state.index(),
                state.keys());
    }
}
