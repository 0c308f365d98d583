package dev.lockstep.raft.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
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
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Snapshots on real threads: taken, restored and sent by the whole runtime. */
@Timeout(120)
class SnapshotHostTest {
    private static final GroupId GROUP = GroupId.of("sum");
    private static final RaftOptions OPTIONS =
            RaftOptions.defaults()
                    .with()
                    .electionTimeout(Duration.ofSeconds(1))
                    .proposalTimeout(Duration.ofSeconds(20))
                    .keptLogBytes(0)
                    .snapshotChunkBytes(16)
                    .build();

    private final MemoryNetwork network = new MemoryNetwork();
    private final Map<String, MemoryStorage> disks = new TreeMap<>();
    private final Map<String, RaftHost> hosts = new TreeMap<>();
    private final Map<String, RaftGroup> groups = new TreeMap<>();
    private final ConcurrentLinkedQueue<String> heard = new ConcurrentLinkedQueue<>();

    /** Adds what is proposed; counts the commands that it saw itself. */
    private static class Sum implements StateMachine {
        private long sum;
        final AtomicLong applied = new AtomicLong();

        @Override
        public Payload apply(Command command) {
            applied.incrementAndGet();
            sum += command.payload().asLong();
            return Payload.of(sum);
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

    private void start(String node, StateMachine machine) throws IOException {
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
                                    public void snapshotFailed(
                                            GroupId group, LogPosition at, Throwable why) {
                                        heard.add(node + " failed: " + why.getMessage());
                                    }

                                    @Override
                                    public void snapshotInstalled(GroupId group, LogPosition at) {
                                        heard.add(node + " installed");
                                    }
                                })
                        .start();
        hosts.put(node, host);
        groups.put(node, host.open(GROUP.name(), machine));
    }

    private void startAll() throws IOException {
        for (String node : List.of("n1", "n2", "n3")) {
            start(node, new Sum());
        }
    }

    private void stop(String node) throws IOException {
        groups.remove(node);
        hosts.remove(node).close();
    }

    @AfterEach
    void stopAll() throws IOException {
        for (String node : List.copyOf(hosts.keySet())) {
            stop(node);
        }
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private void add(String node, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            get(groups.get(node).propose(Payload.of(1)));
        }
    }

    private long sumOn(String node) throws Exception {
        return get(groups.get(node).read(Payload.EMPTY, ReadLevel.LINEARIZABLE)).asLong();
    }

    @Test
    void aReplicaGoesOnFromItsSnapshotAndTheTailOfItsLog() throws Exception {
        startAll();
        add("n1", 20);
        for (RaftGroup group : groups.values()) {
            assertThat(sumOn(group.status().node().value())).isEqualTo(20);
            assertThat(get(group.snapshot())).isGreaterThanOrEqualTo(20);
        }
        assertThat(disks.get("n1").keptEntries(GROUP)).isLessThan(20);
        add("n1", 3);
        for (String node : List.of("n1", "n2", "n3")) {
            stop(node);
        }
        Sum again = new Sum();
        start("n1", again);
        start("n2", new Sum());
        start("n3", new Sum());
        assertThat(sumOn("n1")).isEqualTo(23);
        assertThat(again.applied).hasValue(3);
    }

    @Test
    void aReplicaThatIsTooFarBehindIsCaughtUpBySnapshot() throws Exception {
        startAll();
        add("n1", 1);
        stop("n3");
        add("n1", 20);
        get(groups.get("n1").snapshot());
        get(groups.get("n2").snapshot());
        Sum late = new Sum();
        start("n3", late);
        assertThat(sumOn("n3")).isEqualTo(21);
        assertThat(late.applied.get()).isLessThan(20);
        await().until(() -> heard.contains("n3 installed"));
        add("n3", 1);
        assertThat(sumOn("n3")).isEqualTo(22);
    }

    @Test
    void aMachineThatCannotBeFrozenAlarmsAndGoesOn() throws Exception {
        Sum stubborn =
                new Sum() {
                    @Override
                    public SnapshotSource snapshot() {
                        throw new IllegalStateException("not now");
                    }
                };
        start("n1", stubborn);
        start("n2", new Sum());
        start("n3", new Sum());
        add("n1", 2);
        sumOn("n1");
        assertThatThrownBy(() -> get(groups.get("n1").snapshot()))
                .hasCauseInstanceOf(NotDone.class)
                .hasMessageContaining("not now");
        await().until(() -> heard.contains("n1 failed: not now"));
        add("n1", 1);
        assertThat(sumOn("n1")).isEqualTo(3);
    }

    @Test
    void aDiskThatRefusesASnapshotAlarmsAndTheNextOneSucceeds() throws Exception {
        startAll();
        add("n1", 2);
        sumOn("n1");
        disks.get("n1").snapshots.failNext = new IOException("no space");
        assertThatThrownBy(() -> get(groups.get("n1").snapshot())).hasMessageContaining("no space");
        await().until(() -> heard.contains("n1 failed: no space"));
        assertThat(get(groups.get("n1").snapshot())).isPositive();
    }

    @Test
    void aMachineThatCannotBeRestoredHaltsItsReplicaByName() throws Exception {
        startAll();
        add("n1", 2);
        sumOn("n1");
        get(groups.get("n1").snapshot());
        stop("n1");
        start(
                "n1",
                new Sum() {
                    @Override
                    public void restore(DataInputStream in) {
                        throw new IllegalStateException("what is this");
                    }
                });
        await().until(() -> groups.get("n1").status().fault() != null);
        Fault fault = groups.get("n1").status().fault();
        assertThat(fault.code()).isEqualTo(Fault.Code.STATE_MACHINE_FAILED);
        assertThat(fault.message()).contains("could not restore", "what is this");
        assertThat(sumOn("n2")).isEqualTo(2);
    }

    @Test
    void nothingIsToBeSavedBeforeTheFirstCommand() throws Exception {
        startAll();
        CompletableFuture<Long> first = groups.get("n1").snapshot();
        assertThat(get(first)).isGreaterThanOrEqualTo(0);
    }
}
