package dev.lockstep.raft.node;

import static dev.lockstep.raft.node.ThreeHosts.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.SnapshotSource;
import java.io.DataInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Snapshots on real threads: taken, restored and sent by the whole runtime. */
@Timeout(120)
class SnapshotHostTest {
    private static final RaftOptions OPTIONS =
            RaftOptions.defaults()
                    .with()
                    .electionTimeout(Duration.ofSeconds(1))
                    .proposalTimeout(Duration.ofSeconds(20))
                    .keptLogBytes(0)
                    .snapshotChunkBytes(16)
                    .build();

    private final ConcurrentLinkedQueue<String> heard = new ConcurrentLinkedQueue<>();
    private final ThreeHosts cluster = new ThreeHosts(OPTIONS).heardBy(this::listener);

    private RaftListener listener(String node) {
        return new RaftListener() {
            @Override
            public void snapshotFailed(GroupId group, LogPosition at, Throwable why) {
                heard.add(node + " failed: " + why.getMessage());
            }

            @Override
            public void snapshotInstalled(GroupId group, LogPosition at) {
                heard.add(node + " installed");
            }
        };
    }

    @AfterEach
    void stopAll() throws IOException {
        cluster.close();
    }

    @Test
    void aReplicaGoesOnFromItsSnapshotAndTheTailOfItsLog() throws Exception {
        cluster.startAll(SumMachine::new);
        cluster.add("n1", 20);
        for (RaftGroup group : cluster.groups()) {
            assertThat(cluster.sumOn(group.status().node().value())).isEqualTo(20);
            assertThat(get(group.snapshot())).isGreaterThanOrEqualTo(20);
        }
        assertThat(cluster.disk("n1").keptEntries(ThreeHosts.GROUP)).isLessThan(20);
        cluster.add("n1", 3);
        cluster.close();
        SumMachine again = new SumMachine();
        cluster.start("n1", again);
        cluster.start("n2", new SumMachine());
        cluster.start("n3", new SumMachine());
        assertThat(cluster.sumOn("n1")).isEqualTo(23);
        assertThat(again.applied).hasValue(3);
    }

    @Test
    void aReplicaThatIsTooFarBehindIsCaughtUpBySnapshot() throws Exception {
        cluster.startAll(SumMachine::new);
        cluster.add("n1", 1);
        cluster.stop("n3");
        cluster.add("n1", 20);
        get(cluster.on("n1").snapshot());
        get(cluster.on("n2").snapshot());
        SumMachine late = new SumMachine();
        cluster.start("n3", late);
        assertThat(cluster.sumOn("n3")).isEqualTo(21);
        assertThat(late.applied.get()).isLessThan(20);
        await().until(() -> heard.contains("n3 installed"));
        cluster.add("n3", 1);
        assertThat(cluster.sumOn("n3")).isEqualTo(22);
    }

    @Test
    void aMachineThatCannotBeFrozenAlarmsAndGoesOn() throws Exception {
        SumMachine stubborn =
                new SumMachine() {
                    @Override
                    public SnapshotSource snapshot() {
                        throw new IllegalStateException("not now");
                    }
                };
        cluster.start("n1", stubborn);
        cluster.start("n2", new SumMachine());
        cluster.start("n3", new SumMachine());
        cluster.add("n1", 2);
        cluster.sumOn("n1");
        assertThatThrownBy(() -> get(cluster.on("n1").snapshot()))
                .hasCauseInstanceOf(NotDone.class)
                .hasMessageContaining("not now");
        await().until(() -> heard.contains("n1 failed: not now"));
        cluster.add("n1", 1);
        assertThat(cluster.sumOn("n1")).isEqualTo(3);
    }

    @Test
    void aDiskThatRefusesASnapshotAlarmsAndTheNextOneSucceeds() throws Exception {
        cluster.startAll(SumMachine::new);
        cluster.add("n1", 2);
        cluster.sumOn("n1");
        cluster.disk("n1").snapshots.failNext = new IOException("no space");
        assertThatThrownBy(() -> get(cluster.on("n1").snapshot())).hasMessageContaining("no space");
        await().until(() -> heard.contains("n1 failed: no space"));
        assertThat(get(cluster.on("n1").snapshot())).isPositive();
    }

    @Test
    void aMachineThatCannotBeRestoredHaltsItsReplicaByName() throws Exception {
        cluster.startAll(SumMachine::new);
        cluster.add("n1", 2);
        cluster.sumOn("n1");
        get(cluster.on("n1").snapshot());
        cluster.stop("n1");
        cluster.start(
                "n1",
                new SumMachine() {
                    @Override
                    public void restore(DataInputStream in) {
                        throw new IllegalStateException("what is this");
                    }
                });
        await().until(() -> cluster.on("n1").status().fault() != null);
        Fault fault = cluster.on("n1").status().fault();
        assertThat(fault.code()).isEqualTo(Fault.Code.STATE_MACHINE_FAILED);
        assertThat(fault.message()).contains("could not restore", "what is this");
        assertThat(cluster.sumOn("n2")).isEqualTo(2);
    }

    @Test
    void nothingIsToBeSavedBeforeTheFirstCommand() throws Exception {
        cluster.startAll(SumMachine::new);
        CompletableFuture<Long> first = cluster.on("n1").snapshot();
        assertThat(get(first)).isGreaterThanOrEqualTo(0);
    }

    /**
     * A second snapshot comes while the state is still to be restored from the first, since the
     * state machine of another group keeps their thread busy.
     */
    @Test
    void aSnapshotIsNotDeletedBeforeTheStateIsRestoredFromIt() throws Exception {
        cluster.startAll(SumMachine::new);
        cluster.add("n1", 5);
        assertThat(cluster.sumOn("n3")).isEqualTo(5);
        get(cluster.on("n3").snapshot());
        cluster.stop("n3");
        cluster.add("n1", 20);
        for (String node : List.of("n1", "n2")) {
            assertThat(cluster.sumOn(node)).isEqualTo(25);
            get(cluster.on(node).snapshot());
        }
        long snapshot = cluster.on("n1").status().commit();
        RaftHost host = cluster.startHost("n3");
        RaftGroup busy = host.open("busy", List.of(NodeId.of("n3")), new SumMachine());
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        CompletableFuture<Void> unusedEnd =
                busy.awaitLeader()
                        .thenRun(
                                () -> {
                                    begun.countDown();
                                    awaitQuietly(free);
                                });
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        cluster.open("n3", new SumMachine());
        try {
            RaftGroup late = cluster.on("n3");
            await().atMost(Duration.ofSeconds(60)).until(() -> late.status().commit() >= snapshot);
            // What is written now is written after anything that was to be deleted before.
            cluster.add("n1", 1);
            await().until(() -> cluster.disk("n3").keptEntries(ThreeHosts.GROUP) > 0);
        } finally {
            free.countDown();
        }
        assertThat(cluster.sumOn("n3")).isEqualTo(26);
        assertThat(cluster.on("n3").status().fault()).isNull();
        await().until(() -> cluster.disk("n3").snapshots.list(ThreeHosts.GROUP).size() == 1);
    }

    /**
     * Neither what another group takes, in the other loop for that, nor what one fetches that would
     * take its own in the very loop that hangs.
     */
    @Test
    void aSnapshotThatHangsHoldsUpNoOtherGroup() throws Exception {
        cluster.startAll(SumMachine::new);
        cluster.add("n1", 1);
        cluster.stop("n3");
        cluster.add("n1", 20);
        for (String node : List.of("n1", "n2")) {
            assertThat(cluster.sumOn(node)).isEqualTo(21);
            get(cluster.on(node).snapshot());
        }
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        SumMachine slow =
                new SumMachine() {
                    @Override
                    public SnapshotSource snapshot() {
                        return out -> {
                            begun.countDown();
                            awaitQuietly(free);
                            out.writeLong(sum);
                        };
                    }
                };
        RaftHost host = cluster.startHost("n3");
        RaftGroup hangs = host.open("slow", List.of(NodeId.of("n3")), slow);
        RaftGroup quick = host.open("quick", List.of(NodeId.of("n3")), new SumMachine());
        CompletableFuture<Long> hanging;
        try {
            Payload unusedAnswer = get(hangs.propose(Payload.of(1)));
            hanging = hangs.snapshot();
            assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
            cluster.open("n3", new SumMachine());
            await().atMost(Duration.ofSeconds(30)).until(() -> heard.contains("n3 installed"));
            unusedAnswer = get(quick.propose(Payload.of(1)));
            assertThat(get(quick.snapshot())).isPositive();
            assertThat(hanging).isNotDone();
        } finally {
            free.countDown();
        }
        assertThat(get(hanging)).isPositive();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Applies nothing while it is held. */
    private static final class Held extends SumMachine {
        volatile CountDownLatch free = new CountDownLatch(0);

        @Override
        public Payload apply(Command command) {
            awaitQuietly(free);
            return super.apply(command);
        }
    }

    /**
     * A leader's state machine hangs, with one command in it and others committed behind that. When
     * it is deposed and the log that it needs next is cut, a snapshot takes their place.
     */
    @Test
    void aSnapshotThatPassesAPendingProposalEndsItAndOneOfASessionHasItsAnswer() throws Exception {
        Map<String, Held> machines = new TreeMap<>();
        cluster.options(OPTIONS.with().maxApplyingBytes(1).build());
        for (String node : ThreeHosts.NODES) {
            machines.put(node, new Held());
            cluster.start(node, machines.get(node));
        }
        String old = cluster.leader();
        cluster.add(old, 1);
        RaftGroup deposed = cluster.on(old);
        RaftSession session = get(deposed.openSession());
        CountDownLatch free = new CountDownLatch(1);
        machines.get(old).free = free;
        long before = deposed.status().lastIndex();
        CompletableFuture<Payload> hangs = deposed.propose(Payload.of(1));
        CompletableFuture<Payload> passed = deposed.propose(Payload.of(1));
        CompletableFuture<Payload> inSession = session.propose(Payload.of(1));
        await().until(() -> deposed.status().commit() >= before + 3);
        cluster.cut(old);
        String other = ThreeHosts.otherThan(old);
        await().until(
                        () -> {
                            NodeId next = cluster.on(other).status().leader();
                            return next != null && !next.value().equals(old);
                        });
        cluster.add(other, 5);
        for (String node : ThreeHosts.NODES) {
            if (!node.equals(old)) {
                assertThat(cluster.sumOn(node)).isEqualTo(9);
                get(cluster.on(node).snapshot());
            }
        }
        cluster.join(old);
        try {
            assertThatThrownBy(() -> get(passed))
                    .hasCauseInstanceOf(OutcomeUnknown.class)
                    .hasMessageContaining("went on from a snapshot");
            assertThat(hangs).isNotDone();
        } finally {
            free.countDown();
        }
        assertThat(get(hangs).asLong()).isEqualTo(2);
        assertThat(get(inSession).asLong()).isEqualTo(4);
        assertThat(cluster.sumOn(old)).isEqualTo(9);
    }
}
