package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.harness.check.ClusterCheck;
import dev.lockstep.raft.harness.client.NodeStatus;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.workload.Load;
import java.util.List;

/** A follower that comes to harm while it is down and clients go on, and is started again. */
final class HarmedNode {
    static final long WRITES = 50;

    private final ServerCluster cluster;
    private final ServerNode victim;
    private final List<ServerNode> others;

    HarmedNode(ServerCluster cluster) throws InterruptedException {
        this.cluster = cluster;
        victim = cluster.others(cluster.awaitLeader()).get(0);
        others = cluster.others(victim);
    }

    /** What happens to it. */
    interface Harm {
        void to(ServerNode node) throws Exception;
    }

    ServerNode victim() {
        return victim;
    }

    void comesBack(Load load, Harm harm) throws Exception {
        load.awaitProgress(cluster.nodes(), WRITES);
        victim.process().stop();
        harm.to(victim);
        load.awaitProgress(others, WRITES);
        cluster.start(victim);
    }

    /** It says why it isn't the member that it was, the others go on, and it is taken in again. */
    void comesBackAsAStrangerAndIsReplaced(Harm harm, String fault, String named) throws Exception {
        try (Load load = Load.start(cluster.nodes(), 1)) {
            comesBack(load, harm);
            NodeStatus warned = victim.awaitFault();
            assertThat(warned.fault()).startsWith(fault).contains(named);
            assertThat(victim.log().contains(fault)).as("it stands in the log, too").isTrue();
            load.awaitProgress(others, WRITES);

            cluster.replace(victim);
            load.awaitProgress(cluster.nodes(), WRITES);
            ClusterCheck.endOf(load, cluster.nodes());
        }
    }
}
