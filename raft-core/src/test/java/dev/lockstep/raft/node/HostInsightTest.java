package dev.lockstep.raft.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.RecentError;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.RaftListener;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a host tells of itself, on real threads. */
@Timeout(60)
class HostInsightTest {
    private final ThreeHosts three =
            new ThreeHosts(
                    RaftOptions.defaults()
                            .with()
                            .electionTimeout(Duration.ofSeconds(2))
                            .proposalTimeout(Duration.ofSeconds(20))
                            .build());
    private final CountDownLatch release = new CountDownLatch(1);
    private final ConcurrentLinkedQueue<String> stalled = new ConcurrentLinkedQueue<>();

    @AfterEach
    void stop() throws Exception {
        release.countDown();
        three.close();
    }

    private void waitHere() {
        try {
            release.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private class Telling implements RaftListener {
        @Override
        public void loopStalled(String loop, Duration since, String stack) {
            stalled.add(loop + ": " + stack);
        }
    }

    private HostHealth health(String node) {
        return three.host(node).health();
    }

    @Test
    void aHostCountsItsGroupsAndNamesItsPeers() throws Exception {
        three.startAll(SumMachine::new);
        String leader = three.leader();
        three.add(leader, 1);
        RaftHost host = three.host(leader);
        RaftGroup other = host.open("other", List.of(NodeId.of(leader)), new SumMachine());
        ThreeHosts.get(other.awaitLeader());

        HostStatus status = host.status();
        assertThat(status.identity()).isEqualTo(host.identity());
        assertThat(status.groups()).isEqualTo(2);
        assertThat(status.led()).isEqualTo(2);
        assertThat(status.stopped()).isZero();
        assertThat(status.connectedPeers())
                .containsExactlyElementsOf(
                        ThreeHosts.NODES.stream()
                                .filter(node -> !node.equals(leader))
                                .map(NodeId::of)
                                .toList());
        assertThat(status.disk()).isEqualTo(HostStatus.Disk.WRITABLE);
        assertThat(status.lastErrors()).isEmpty();
        assertThat(host.groups())
                .extracting(RaftGroup::id)
                .containsExactlyInAnyOrder(ThreeHosts.GROUP, GroupId.of("other"));
        assertThat(three.host(three.follower()).status().led()).isZero();

        String gone = three.follower();
        three.stop(gone);
        await().until(() -> !host.status().connectedPeers().contains(NodeId.of(gone)));
    }

    @Test
    void aHostIsReadyOnceItsGroupKnowsALeaderAndLivesWithoutOne() throws Exception {
        three.start("n1", new SumMachine());
        await().untilAsserted(
                        () ->
                                assertThat(health("n1").notReady())
                                        .containsExactly("group sum knows no leader"));
        assertThat(health("n1").isLive()).isTrue();
        three.start("n2", new SumMachine());
        three.start("n3", new SumMachine());
        three.add(three.leader(), 1);
        await().until(() -> ThreeHosts.NODES.stream().allMatch(node -> health(node).isReady()));

        three.stop("n2");
        three.stop("n3");
        await().until(() -> !health("n1").isReady());
        assertThat(health("n1").isLive()).isTrue();
    }

    @Test
    void aFailedDiskIsSaidAndNoReasonToRestart() throws Exception {
        three.startAll(SumMachine::new);
        String node = three.follower();
        three.disk(node).failNextSync = new IOException("no more");
        three.add(three.leader(), 1);

        await().until(() -> three.on(node).status().role() == Role.HALTED);
        HostStatus status = three.host(node).status();
        assertThat(status.disk()).isEqualTo(HostStatus.Disk.FAILED);
        assertThat(status.diskFault()).isNotNull();
        assertThat(status.stopped()).isEqualTo(1);
        assertThat(status.lastErrors())
                .extracting(RecentError::code)
                .containsExactly("STORAGE_FAILED");
        assertThat(health(node).isLive()).isTrue();
        assertThat(health(node).notReady())
                .anyMatch(why -> why.contains("disk has failed"))
                .anyMatch(why -> why.contains("group sum has a fault"));
    }

    @Test
    void aStateMachineThatBlocksIsNamedWithItsStackAndNoReasonToRestart() throws Exception {
        three.heardBy(node -> new Telling()).stallingAfter(Duration.ofMillis(200));
        three.startAll(
                () ->
                        new SumMachine() {
                            @Override
                            public Payload apply(Command command) {
                                waitHere();
                                return super.apply(command);
                            }
                        });
        String leader = three.leader();
        CompletableFuture<Payload> unused = three.on(leader).propose(Payload.of(1));

        await().until(() -> stalled.stream().anyMatch(s -> s.startsWith("apply-0: ")));
        assertThat(stalled).anyMatch(s -> s.contains("HostInsightTest.waitHere"));
        await().until(
                        () ->
                                health(leader).notReady().stream()
                                        .anyMatch(s -> s.contains("apply-0")));
        assertThat(health(leader).isLive()).isTrue();
        assertThat(three.host(leader).status().lastErrors())
                .extracting(RecentError::code)
                .contains("LOOP_STALLED");

        release.countDown();
        await().until(() -> health(leader).isReady());
    }

    @Test
    void whatIsCommittedAndNotAppliedMakesAHostNotReady() throws Exception {
        three.startAll(
                () ->
                        new SumMachine() {
                            @Override
                            public Payload apply(Command command) {
                                waitHere();
                                return super.apply(command);
                            }
                        });
        String leader = three.leader();
        CompletableFuture<Payload> unusedOne = three.on(leader).propose(Payload.of(1));
        CompletableFuture<Payload> unusedTwo = three.on(leader).propose(Payload.of(1));

        await().until(
                        () ->
                                three.host(leader).health(1).notReady().stream()
                                        .anyMatch(s -> s.contains("committed entries to apply")));
        assertThat(three.host(leader).health(100).notReady())
                .noneMatch(s -> s.contains("committed entries"));
    }

    @Test
    void aListenerThatBlocksTheEventLoopMakesTheHostDead() throws Exception {
        three.heardBy(
                        node ->
                                new Telling() {
                                    @Override
                                    public void roleChanged(
                                            GroupId group,
                                            Role role,
                                            long term,
                                            @Nullable NodeId leader) {
                                        if (node.equals("n1") && leader != null) {
                                            waitHere();
                                        }
                                    }
                                })
                .stallingAfter(Duration.ofMillis(200));
        three.startAll(SumMachine::new);

        await().until(() -> !health("n1").isLive());
        assertThat(health("n1").notLive()).singleElement().asString().startsWith("loop core ");
        await().until(() -> stalled.stream().anyMatch(s -> s.startsWith("core: ")));
        assertThat(stalled).anyMatch(s -> s.contains("HostInsightTest.waitHere"));

        release.countDown();
        await().until(() -> health("n1").isLive());
    }

    @Test
    void aCallbackThatBlocksTheLoopThatEndsFuturesMakesTheHostDead() throws Exception {
        three.stallingAfter(Duration.ofMillis(200)).startAll(SumMachine::new);
        String leader = three.leader();
        Set<Thread> asking = ConcurrentHashMap.newKeySet();

        await().until(
                        () -> {
                            asking.add(Thread.currentThread());
                            CompletableFuture<Void> unusedBlocking =
                                    three.on(leader)
                                            .report()
                                            .thenRun(
                                                    () -> {
                                                        // One that had ended already runs here.
                                                        if (!asking.contains(
                                                                Thread.currentThread())) {
                                                            waitHere();
                                                        }
                                                    });
                            return health(leader).notLive().stream()
                                    .anyMatch(s -> s.startsWith("loop end"));
                        });
        release.countDown();
        await().until(() -> health(leader).isLive());
    }

    @Test
    void aClosedHostIsNeitherLiveNorReady() throws Exception {
        three.startAll(SumMachine::new);
        RaftHost host = three.host("n1");
        three.stop("n1");

        assertThat(host.health())
                .isEqualTo(
                        new HostHealth(
                                List.of("this host is closed"), List.of("this host is closed")));
        assertThat(host.groups()).isEmpty();
        assertThat(host.status().groups()).isZero();
    }

    @Test
    void aStallTimeoutThatIsTooShortIsRefused() {
        assertThatThrownBy(() -> RaftHost.builder().stallTimeout(Duration.ofMillis(9)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("stallTimeout");
    }
}
