package dev.lockstep.raft.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.ReadLevel;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import java.io.DataInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A replica whose state is not what its log makes of it is found and stopped. */
@Timeout(120)
class StateDivergenceTest {
    private static final RaftOptions OPTIONS =
            RaftOptions.defaults()
                    .with()
                    .electionTimeout(Duration.ofMillis(600))
                    .proposalTimeout(Duration.ofSeconds(20))
                    .compareStateEvery(10)
                    .build();
    private static final List<String> NODES = List.of("n1", "n2", "n3");

    private final MemoryNetwork network = new MemoryNetwork();
    private final Map<String, MemoryStorage> disks = new TreeMap<>();
    private final Map<String, RaftHost> hosts = new TreeMap<>();
    private final Map<String, RaftGroup> groups = new TreeMap<>();
    private final Map<String, Sum> machines = new TreeMap<>();
    private final ConcurrentLinkedQueue<String> alarms = new ConcurrentLinkedQueue<>();

    private static final class Sum implements StateMachine {
        volatile long flip;
        private long sum;

        @Override
        public Payload apply(Command command) {
            sum += command.payload().asLong() + flip;
            flip = 0;
            return Payload.of(sum);
        }

        @Override
        public OptionalLong stateHash() {
            return OptionalLong.of(sum);
        }

        @Override
        public Payload query(Payload question) {
            return Payload.of(sum);
        }

        @Override
        public SnapshotSource snapshot() {
            long frozen = sum;
            return out -> out.writeLong(frozen);
        }

        @Override
        public void restore(DataInputStream in) throws IOException {
            sum = in.readLong();
        }
    }

    private void start(String node) throws IOException {
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
                                    public void statesDiffer(
                                            GroupId group, long index, String evidence) {
                                        alarms.add(group + " at " + index + ": " + evidence);
                                    }
                                })
                        .start();
        hosts.put(node, host);
        machines.put(node, new Sum());
        groups.put(node, host.open("sum", machines.get(node)));
    }

    private void startAll() throws IOException {
        for (String node : NODES) {
            start(node);
        }
    }

    @AfterEach
    void stopAll() throws IOException {
        for (RaftHost host : hosts.values()) {
            host.close();
        }
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private String leader() throws Exception {
        return get(groups.get("n1").awaitLeader()).value();
    }

    private void propose(RaftGroup group, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            get(group.propose(Payload.of(1)));
        }
    }

    private void flipAndExpectToStop(String victim, String other) throws Exception {
        machines.get(victim).flip = 1;
        RaftGroup stopped = groups.get(victim);
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(
                        () -> {
                            propose(groups.get(other), 1);
                            return stopped.status().role() == Role.HALTED;
                        });
        Fault fault = stopped.status().fault();
        assertThat(fault.code()).isEqualTo(Fault.Code.STATE_DIVERGED);
        assertThat(fault.message()).contains("a majority of the full voters has");
        for (String node : NODES) {
            if (!node.equals(victim)) {
                assertThat(groups.get(node).status().fault()).as(node).isNull();
            }
        }
    }

    @Test
    void aFollowerWhoseStateDiffersStopsAndComesBackFromItsLog() throws Exception {
        startAll();
        propose(groups.get("n1"), 5);
        String victim = leader().equals("n3") ? "n2" : "n3";
        flipAndExpectToStop(victim, "n1");
        assertThat(alarms).anyMatch(alarm -> alarm.contains(victim + "/"));
        hosts.remove(victim).close();
        start(victim);
        propose(groups.get("n1"), 25);
        long right = get(groups.get("n1").read(Payload.EMPTY, ReadLevel.LINEARIZABLE)).asLong();
        RaftGroup back = groups.get(victim);
        assertThat(get(back.read(Payload.EMPTY, ReadLevel.LINEARIZABLE)).asLong()).isEqualTo(right);
        assertThat(back.status().fault()).isNull();
    }

    @Test
    void aLeaderWhoseStateDiffersStopsAndTheOthersGoOn() throws Exception {
        startAll();
        propose(groups.get("n1"), 5);
        String victim = leader();
        String other = victim.equals("n1") ? "n2" : "n1";
        flipAndExpectToStop(victim, other);
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> get(groups.get(other).propose(Payload.of(1))) != null);
    }

    @Test
    void replicasThatAgreeGoOnForEver() throws Exception {
        startAll();
        propose(groups.get("n1"), 100);
        for (RaftGroup group : groups.values()) {
            propose(group, 10);
            assertThat(group.status().fault()).isNull();
        }
        assertThat(alarms).isEmpty();
    }
}
