package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.harness.check.CounterCheck;
import dev.lockstep.raft.harness.check.ReplicaCheck;
import dev.lockstep.raft.harness.check.WriteCheck;
import dev.lockstep.raft.harness.client.NodeClient;
import dev.lockstep.raft.harness.client.Outcome;
import dev.lockstep.raft.harness.process.Directories;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.workload.CounterHistory;
import dev.lockstep.raft.harness.workload.WriteHistory;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A check that can't fail shows nothing: each is told a history that isn't true. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ChecksIT {
    private static final Path DIRECTORY = Path.of("target", "clusters", "ChecksIT");

    private static ServerCluster one;
    private static ServerCluster another;

    @BeforeAll
    static void startTwoClustersOfOneNode() throws Exception {
        Directories.delete(DIRECTORY);
        one = ServerCluster.start(DIRECTORY.resolve("one"), 1);
        another = ServerCluster.start(DIRECTORY.resolve("another"), 1);
    }

    @AfterAll
    static void stop() throws Exception {
        if (one != null) {
            one.close();
        }
        if (another != null) {
            another.close();
        }
        Directories.delete(DIRECTORY);
    }

    @Test
    void aLostWriteIsNoticed() throws Exception {
        WriteHistory history = new WriteHistory();
        history.record("lost", new Outcome.Done<>("OK"));
        assertThatThrownBy(() -> WriteCheck.through(one.nodes(), history))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("n1: acknowledged lost holds null");
    }

    @Test
    void aWriteThatFailedAndTookEffectIsNoticed() throws Exception {
        set(one.nodes().get(0), "undead", WriteHistory.valueOf("undead"));
        WriteHistory history = new WriteHistory();
        history.record("undead", new Outcome.NotDone<>("no leader"));
        assertThatThrownBy(() -> WriteCheck.through(one.nodes(), history))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("n1: surely failed undead holds value of undead");
    }

    @Test
    void aWrongValueIsNoticedWhateverBecameOfTheWrite() throws Exception {
        set(one.nodes().get(0), "wrong", "another value");
        for (Outcome<String> outcome :
                List.of(new Outcome.Done<>("OK"), new Outcome.Unknown<String>("time is over"))) {
            WriteHistory history = new WriteHistory();
            history.record("wrong", outcome);
            assertThatThrownBy(() -> WriteCheck.through(one.nodes(), history))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("wrong holds another value");
        }
    }

    @Test
    void anUnknownWriteMayBeThereOrNot() throws Exception {
        set(one.nodes().get(0), "there", WriteHistory.valueOf("there"));
        WriteHistory history = new WriteHistory();
        history.record("there", new Outcome.Unknown<>("time is over"));
        history.record("absent", new Outcome.Unknown<>("time is over"));
        WriteCheck.through(one.nodes(), history);
    }

    @Test
    void aCounterThatLostOrDoubledIsNoticed() throws Exception {
        set(one.nodes().get(0), CounterHistory.KEY, "2");
        CounterHistory lost = new CounterHistory();
        for (long reply = 1; reply <= 3; reply++) {
            lost.record(new Outcome.Done<>(reply));
        }
        assertThatThrownBy(() -> CounterCheck.through(one.nodes(), lost))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("the counter is 2 through n1; 3 increments");
        CounterHistory doubled = new CounterHistory();
        doubled.record(new Outcome.Done<>(1L));
        assertThatThrownBy(() -> CounterCheck.through(one.nodes(), doubled))
                .isInstanceOf(AssertionError.class);
        doubled.record(new Outcome.Unknown<>("time is over"));
        CounterCheck.through(one.nodes(), doubled);
        assertThatThrownBy(() -> doubled.record(new Outcome.Done<>(1L)))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void replicasThatDifferAreNoticed() throws Exception {
        ServerNode left = one.nodes().get(0);
        ServerNode right = another.nodes().get(0);
        // Both logs go on until they are of the same length, and never hold the same.
        assertThatThrownBy(
                        () -> {
                            while (true) {
                                boolean isShorter =
                                        left.status().applied() < right.status().applied();
                                set(isShorter ? left : right, "side", isShorter ? "left" : "right");
                                if (left.status().applied() == right.status().applied()) {
                                    ReplicaCheck.awaitEqual(List.of(left, right));
                                }
                            }
                        })
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("the state is");
    }

    private static void set(ServerNode node, String key, String value) {
        try (NodeClient client = node.client()) {
            Outcome<String> outcome = client.run(jedis -> jedis.set(key, value));
            assertThat(outcome).isInstanceOf(Outcome.Done.class);
        }
    }
}
