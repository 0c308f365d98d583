package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.examples.kv.demo.RespClient;
import dev.lockstep.examples.kv.store.Reply;
import dev.lockstep.raft.harness.check.CounterCheck;
import dev.lockstep.raft.harness.check.ReplicaCheck;
import dev.lockstep.raft.harness.check.WriteCheck;
import dev.lockstep.raft.harness.client.NodeClient;
import dev.lockstep.raft.harness.client.Outcome;
import dev.lockstep.raft.harness.process.Pause;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.workload.Load;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(value = 3, unit = TimeUnit.MINUTES)
class PausedLeaderIT {
    private static final Duration SLEEP = ServerCluster.ELECTION_TIMEOUT.multipliedBy(3);
    private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(20);
    private static final long WRITES = 50;
    private static final String KEY = "register";
    private static final Reply NEW = Reply.bulk("new");

    @RegisterExtension private final ClusterExtension extension = new ClusterExtension();

    @Test
    void aLeaderThatSleptServesNoStaleReadAndFollows() throws Exception {
        ServerCluster cluster = extension.cluster();
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            ServerNode sleeper = cluster.awaitLeader();
            write(sleeper, "old");
            long term = cluster.term();

            try (RespClient reader = RespClient.connect(sleeper.redisPort(), REPLY_TIMEOUT)) {
                assertThat(reader.call("GET", KEY)).isEqualTo(Reply.bulk("old"));
                sleepWhileOthersGoOn(cluster, sleeper, reader, load);
                assertThat(reader.receive())
                        .satisfiesAnyOf(
                                reply -> assertThat(reply).isEqualTo(NEW),
                                reply -> assertThat(reply).isInstanceOf(Reply.Failure.class));
            }
            try (NodeClient reader = sleeper.client()) {
                String value = reader.read(jedis -> jedis.get(KEY));
                assertThat(value).isEqualTo("new");
            }

            load.awaitProgress(cluster.nodes(), WRITES);
            load.stop();
            cluster.awaitLeader();
            assertThat(cluster.term()).isGreaterThan(term);
            WriteCheck.through(cluster.nodes(), load.writes());
            CounterCheck.through(cluster.nodes(), load.counter());
            ReplicaCheck.awaitEqual(cluster.nodes());
        }
    }

    /** Ends when the sleeper wakes, with a read that it was sent before. */
    private static void sleepWhileOthersGoOn(
            ServerCluster cluster, ServerNode sleeper, RespClient reader, Load load)
            throws Exception {
        List<ServerNode> others = cluster.others(sleeper);
        try (Pause pause = sleeper.process().pause()) {
            ServerNode successor = cluster.awaitLeader(others);
            load.awaitProgress(others, WRITES);
            pause.awaitLength(SLEEP);
            write(successor, "new");
            // It waits in the sleeper's socket, and is among the first that it sees on waking.
            reader.send("GET", KEY);
            reader.flush();
        }
    }

    private static void write(ServerNode node, String value) {
        try (NodeClient client = node.client()) {
            assertThat(client.run(jedis -> jedis.set(KEY, value))).isInstanceOf(Outcome.Done.class);
        }
    }
}
