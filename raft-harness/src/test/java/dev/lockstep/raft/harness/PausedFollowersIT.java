package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.examples.kv.demo.RespClient;
import dev.lockstep.raft.harness.check.CounterCheck;
import dev.lockstep.raft.harness.check.ReplicaCheck;
import dev.lockstep.raft.harness.check.WriteCheck;
import dev.lockstep.raft.harness.client.NodeClient;
import dev.lockstep.raft.harness.client.Outcome;
import dev.lockstep.raft.harness.process.Pause;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.workload.Load;
import dev.lockstep.raft.harness.workload.WriteHistory;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Followers that stand still, and then are all that is left. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class PausedFollowersIT {
    private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(20);
    private static final long WRITES = 50;
    private static final int ROUNDS = 2;

    @RegisterExtension private final ClusterExtension extension = new ClusterExtension();

    @Test
    @SuppressWarnings("try") // a pause does its work by being there
    void aLeaderWithoutFollowersAnswersNothing() throws Exception {
        ServerCluster cluster = extension.cluster();
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            ServerNode leader = cluster.awaitLeader();
            List<ServerNode> followers = cluster.others(leader);
            try (RespClient reader = RespClient.connect(leader.redisPort(), REPLY_TIMEOUT);
                    Pause first = followers.get(0).process().pause();
                    Pause second = followers.get(1).process().pause()) {
                reader.send("GET", "any");
                reader.flush();
                Outcome<String> outcome = write(leader, "lonely", load.writes());
                assertThat(outcome).isNotInstanceOf(Outcome.Done.class);
                leader.process().kill();
                assertThatThrownBy(reader::receive).isInstanceOf(IOException.class);
            }
            load.awaitProgress(followers, WRITES);
            cluster.start(leader);
            finish(cluster, load);
        }
    }

    @Test
    void aFollowerThatLagsIsNotElected() throws Exception {
        ServerCluster cluster = extension.cluster();
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            for (int round = 0; round < ROUNDS; round++) {
                ServerNode leader = cluster.awaitLeader();
                ServerNode lagging = cluster.others(leader).get(round % 2);
                try (Pause pause = lagging.process().pause()) {
                    load.awaitProgress(cluster.others(lagging), WRITES);
                    // On waking it hears nobody, and its time without a leader is long over.
                    pause.awaitLength(ServerCluster.ELECTION_TIMEOUT.multipliedBy(2));
                    leader.process().kill();
                }
                load.awaitProgress(cluster.others(leader), WRITES);
                cluster.start(leader);
                cluster.awaitCaughtUp(leader);
            }
            finish(cluster, load);
        }
    }

    private static void finish(ServerCluster cluster, Load load) throws InterruptedException {
        load.awaitProgress(cluster.nodes(), WRITES);
        load.stop();
        WriteCheck.through(cluster.nodes(), load.writes());
        CounterCheck.through(cluster.nodes(), load.counter());
        ReplicaCheck.awaitEqual(cluster.nodes());
    }

    private static Outcome<String> write(ServerNode node, String key, WriteHistory history) {
        try (NodeClient client = node.client()) {
            Outcome<String> outcome =
                    client.run(jedis -> jedis.set(key, WriteHistory.valueOf(key)));
            history.record(key, outcome);
            return outcome;
        }
    }
}
