package dev.lockstep.raft.metrics.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.node.RaftHost;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.storage.FileStorage;
import dev.lockstep.raft.transport.netty.NettyTransport;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three hosts with files and sockets, each with a registry, and real work. */
@Timeout(60)
class MicrometerMetricsTest {
    private final List<MeterRegistry> registries = new ArrayList<>();
    private final List<MicrometerMetrics> metrics = new ArrayList<>();
    private final List<RaftHost> hosts = new ArrayList<>();
    private final List<RaftGroup> groups = new ArrayList<>();
    @TempDir private Path data;

    /** Answers what it is given. */
    private static final class Echo implements StateMachine {
        @Override
        public Payload apply(Command command) {
            return command.payload();
        }

        @Override
        public Payload query(Payload question) {
            return question;
        }

        @Override
        public SnapshotSource snapshot() {
            return out -> {};
        }

        @Override
        public void restore(DataInputStream in) {}
    }

    @AfterEach
    void stop() throws IOException {
        for (RaftHost host : hosts) {
            host.close();
        }
    }

    private void start(boolean tagsGroups) throws Exception {
        String[] peers = freePeers();
        for (int i = 1; i <= peers.length; i++) {
            MeterRegistry registry = new SimpleMeterRegistry();
            MicrometerMetrics.Builder builder = MicrometerMetrics.builder(registry, "n" + i);
            MicrometerMetrics mine =
                    tagsGroups ? builder.build() : builder.withoutGroupTag().histograms().build();
            RaftHost host =
                    RaftHost.builder()
                            .cluster("test")
                            .node("n" + i)
                            .peers(peers)
                            .storage(FileStorage.in(data.resolve("n" + i)))
                            .transport(NettyTransport.plaintext())
                            .options(RaftOptions.defaults().with().maxPayloadBytes(1000).build())
                            .metrics(mine)
                            .start();
            mine.bind(host);
            registries.add(registry);
            metrics.add(mine);
            hosts.add(host);
            groups.add(host.open("echo", new Echo()));
        }
        groups.get(0).awaitLeader().get(30, TimeUnit.SECONDS);
    }

    private static String[] freePeers() throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        String[] peers = new String[3];
        for (int i = 0; i < peers.length; i++) {
            ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            held.add(socket);
            peers[i] = "n" + (i + 1) + "=127.0.0.1:" + socket.getLocalPort();
        }
        for (ServerSocket socket : held) {
            socket.close();
        }
        return peers;
    }

    private int leader() throws Exception {
        String name = groups.get(0).awaitLeader().get(30, TimeUnit.SECONDS).value();
        return Integer.parseInt(name.substring(1)) - 1;
    }

    private static double gauge(MeterRegistry of, String name) {
        return of.get(name).gauge().value();
    }

    private void propose(int host, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            Payload unused = groups.get(host).propose(Payload.of("x")).get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void realWorkShowsInEveryMeterAndNothingIsLeftAfterTheHostIsClosed() throws Exception {
        start(true);
        int leader = leader();
        int follower = (leader + 1) % 3;
        propose(leader, 20);
        MeterRegistry here = registries.get(leader);

        await().until(() -> here.get("lockstep.proposal").timer().count() == 20);
        Timer proposal = here.get("lockstep.proposal").tags("node", "n" + (leader + 1)).timer();
        assertThat(proposal.getId().getTag("group")).isEqualTo("echo");
        assertThat(proposal.totalTime(TimeUnit.NANOSECONDS))
                .isGreaterThan(here.get("lockstep.commit").timer().totalTime(TimeUnit.NANOSECONDS));
        assertThat(here.get("lockstep.commit").timer().count()).isEqualTo(20);
        assertThat(here.get("lockstep.completion").timer().count()).isEqualTo(20);
        await().until(() -> here.get("lockstep.apply.entries").summary().totalAmount() == 21);
        assertThat(here.get("lockstep.apply").timer().count()).isPositive();
        assertThat(here.get("lockstep.apply.wait").timer().count()).isPositive();
        assertThat(here.get("lockstep.mailbox.wait").timer().count()).isPositive();
        assertThat(here.get("lockstep.batch").timer().count()).isPositive();
        assertThat(here.get("lockstep.log.write").timer().totalTime(TimeUnit.NANOSECONDS))
                .isPositive();
        assertThat(here.get("lockstep.log.wait").timer().count()).isPositive();
        assertThat(here.get("lockstep.log.bytes").summary().totalAmount()).isGreaterThan(20);
        assertThat(here.get("lockstep.log.writes").summary().totalAmount()).isPositive();
        String peer = "n" + (follower + 1);
        assertThat(here.get("lockstep.ack").tags("peer", peer).timer().count()).isPositive();
        assertThat(here.get("lockstep.sent.entries").tags("peer", peer).counter().count())
                .isGreaterThanOrEqualTo(21);
        assertThat(here.get("lockstep.sent.bytes").tags("peer", peer).counter().count())
                .isGreaterThan(21);
        assertThat(here.get("lockstep.elections").counter().count()).isPositive();
        assertThat(here.get("lockstep.leaderships").tags("here", "true").counter().count())
                .isEqualTo(1);

        assertThat(gauge(here, "lockstep.groups")).isEqualTo(1);
        assertThat(gauge(here, "lockstep.groups.led")).isEqualTo(1);
        assertThat(gauge(here, "lockstep.peers.connected")).isEqualTo(2);
        assertThat(gauge(here, "lockstep.disk.writable")).isEqualTo(1);
        assertThat(gauge(here, "lockstep.live")).isEqualTo(1);
        assertThat(gauge(here, "lockstep.ready")).isEqualTo(1);
        assertThat(gauge(here, "lockstep.group.leads")).isEqualTo(1);
        assertThat(gauge(registries.get(follower), "lockstep.group.leads")).isZero();
        assertThat(gauge(here, "lockstep.group.last")).isEqualTo(21);
        await().until(() -> gauge(here, "lockstep.group.applied") == 21);
        assertThat(gauge(here, "lockstep.group.committed")).isEqualTo(21);
        assertThat(gauge(here, "lockstep.group.term")).isPositive();
        await().until(() -> gauge(here, "lockstep.proposals.pending") == 0);
        await().until(() -> gauge(here, "lockstep.pending.bytes") == 0);
        await().until(() -> gauge(here, "lockstep.log.queue") == 0);
        await().until(() -> gauge(here, "lockstep.log.unsynced.seconds") == 0);

        groups.get(leader).snapshot().get(30, TimeUnit.SECONDS);
        await().until(
                        () ->
                                here.get("lockstep.snapshots")
                                                .tags("event", "taken")
                                                .counter()
                                                .count()
                                        == 1);
        assertThat(gauge(here, "lockstep.group.snapshot")).isEqualTo(21);
        assertThat(groups.get(leader).propose(Payload.of("x".repeat(1001))))
                .failsWithin(Duration.ofSeconds(10));
        assertThat(
                        here.get("lockstep.proposals.refused")
                                .tags("reason", NotDone.Reason.TOO_LARGE.name())
                                .counter()
                                .count())
                .isEqualTo(1);

        hosts.get(leader).close();
        assertThat(here.getMeters()).isEmpty();
    }

    @Test
    void theLagOfTheSlowestReplicaShows() throws Exception {
        start(true);
        int leader = leader();
        int gone = (leader + 1) % 3;
        hosts.get(gone).close();
        propose(leader, 7);
        await().until(() -> gauge(registries.get(leader), "lockstep.group.lag") >= 7);
    }

    @Test
    void aGroupsMetersGoWhenItIsClosedAndComeBackWithIt() throws Exception {
        start(true);
        MeterRegistry here = registries.get(0);
        assertThat(here.find("lockstep.group.term").gauges()).hasSize(1);
        groups.get(0).close();
        await().until(() -> hosts.get(0).groups().isEmpty());
        assertThat(here.getMeters()).allMatch(meter -> meter.getId().getTag("group") == null);
        assertThat(gauge(here, "lockstep.groups")).isZero();

        groups.set(0, hosts.get(0).open("echo", new Echo()));
        propose(0, 1);
        await().until(() -> gauge(here, "lockstep.group.applied") > 0);
    }

    @Test
    void withoutTheirTagAllGroupsShareTheirMeters() throws Exception {
        start(false);
        RaftGroup second = null;
        for (RaftHost host : hosts) {
            RaftGroup each = host.open("second", new Echo());
            second = second == null ? each : second;
        }
        propose(0, 3);
        second.propose(Payload.of("y")).get(30, TimeUnit.SECONDS);
        MeterRegistry here = registries.get(0);

        await().until(() -> here.get("lockstep.proposal").timer().count() == 4);
        assertThat(here.getMeters()).allMatch(meter -> meter.getId().getTag("group") == null);
        assertThat(here.find("lockstep.group.term").gauge()).isNull();
        assertThat(gauge(here, "lockstep.groups")).isEqualTo(2);
        second.close();
        await().until(() -> gauge(here, "lockstep.groups") == 1);
        propose(0, 1);
        await().until(() -> here.get("lockstep.proposal").timer().count() == 5);
        hosts.get(0).close();
        assertThat(here.getMeters()).isEmpty();
    }

    @Test
    void whoClosesTheMetricsOfARunningHostSeesNothingComeBack() throws Exception {
        start(true);
        metrics.get(0).close();
        propose(0, 3);
        hosts.get(0).open("late", new Echo());
        metrics.get(0).faulted(Fault.Code.BUG);
        metrics.get(0).loopStalled("log");
        assertThat(registries.get(0).getMeters()).isEmpty();
    }
}
