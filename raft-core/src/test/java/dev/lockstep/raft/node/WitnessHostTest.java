package dev.lockstep.raft.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.ReadLevel;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A witness through the API: founders {@code n1} and {@code n2} hold the state, {@code n3} none.
 */
@Timeout(120)
class WitnessHostTest {
    private static final RaftOptions OPTIONS =
            RaftOptions.defaults()
                    .with()
                    .electionTimeout(Duration.ofMillis(600))
                    .proposalTimeout(Duration.ofSeconds(20))
                    .snapshotBytes(4 << 10)
                    .keptLogBytes(0)
                    .build();

    private final MemoryNetwork network = new MemoryNetwork();
    private final Map<String, MemoryStorage> disks = new TreeMap<>();
    private final Map<String, RaftHost> hosts = new TreeMap<>();
    private final ConcurrentLinkedQueue<Boolean> alerts = new ConcurrentLinkedQueue<>();

    private RaftHost start(String node) throws IOException {
        RaftHost host =
                RaftHost.builder()
                        .cluster("test")
                        .node(node)
                        .peers("n1=h:1", "n2=h:2", "n3=h:3")
                        .storage(disks.computeIfAbsent(node, n -> new MemoryStorage()))
                        .transport(network.transport())
                        .options(OPTIONS)
                        .listener(
                                new RaftListener() {
                                    @Override
                                    public void runsOnWitness(GroupId group, boolean now) {
                                        alerts.add(now);
                                    }
                                })
                        .start();
        hosts.put(node, host);
        return host;
    }

    private RaftGroup open(String node) throws IOException {
        RaftHost host = start(node);
        return node.equals("n3") ? host.openWitness("sum") : host.open("sum", new SumMachine());
    }

    @AfterEach
    void stopAll() throws IOException {
        for (String node : List.copyOf(hosts.keySet())) {
            stop(node);
        }
    }

    private void stop(String node) throws IOException {
        hosts.remove(node).close();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    @Test
    void whileAFullReplicaIsAwayTheGroupRunsOnTheWitnessAndSaysSo() throws Exception {
        Map<String, RaftGroup> groups = new TreeMap<>();
        for (String node : List.of("n1", "n2", "n3")) {
            groups.put(node, open(node));
        }
        RaftGroup witness = groups.get("n3");
        assertThat(get(witness.propose(Payload.of(1))).asLong()).as("forwarded").isEqualTo(1);
        assertThatThrownBy(() -> get(witness.read(Payload.EMPTY, ReadLevel.LOCAL)))
                .hasCauseInstanceOf(NotDone.class)
                .hasMessageContaining("is a witness");
        String leader = get(witness.awaitLeader()).value();
        String other = leader.equals("n1") ? "n2" : "n1";
        assertThat(leader).isNotEqualTo("n3");
        assertThat(groups.get(leader).status().runsOnWitness()).isFalse();
        stop(other);
        assertThat(get(groups.get(leader).propose(Payload.of(2))).asLong()).isEqualTo(3);
        assertThat(groups.get(leader).status().runsOnWitness()).isTrue();
        for (int i = 0; i < 200; i++) {
            get(groups.get(leader).propose(Payload.of(1)));
        }
        await().untilAsserted(
                        () ->
                                assertThat(disks.get("n3").keptEntries(GroupId.of("sum")))
                                        .as("the witness cuts its log")
                                        .isLessThan(150));
        open(other);
        await().until(() -> !groups.get(leader).status().runsOnWitness());
        RaftGroup ofWitness = groups.get("n3");
        await().until(() -> ofWitness.status().commit() == groups.get(leader).status().commit());
        assertThat(ofWitness.status().applied()).isEqualTo(ofWitness.status().commit());
        assertThat(alerts).containsSubsequence(true, false);
        stop(leader);
        CompletableFuture<Payload> sum = witness.propose(Payload.of(1));
        assertThat(get(sum).asLong()).as("the other full replica leads").isEqualTo(204);
        assertThat(witness.status().leader()).isEqualTo(NodeId.of(other));
    }

    @Test
    void aReplicaStaysOfTheKindAsWhichItWasMade() throws Exception {
        RaftGroup witness = open("n3");
        assertThatThrownBy(() -> get(witness.read(Payload.EMPTY, ReadLevel.LOCAL)))
                .hasCauseInstanceOf(NotDone.class);
        stop("n3");
        RaftGroup full = start("n3").open("sum", new SumMachine());
        await().until(() -> full.status().fault() != null);
        assertThat(full.status().fault().code()).isEqualTo(Fault.Code.WRONG_DIRECTORY);
        assertThat(full.status().fault().message()).contains("is a witness, which it stays");
    }
}
