package dev.lockstep.raft.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.node.RaftHost;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.storage.FileStorage;
import dev.lockstep.raft.transport.netty.NettyTransport;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A directory in whose place an older copy is put, with real files and sockets, when nobody but a
 * peer's disk remembers the later one.
 */
@Timeout(180)
class RevertedDirectoryTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final RaftOptions OPTIONS =
            RaftOptions.defaults()
                    .with()
                    .electionTimeout(Duration.ofMillis(600))
                    .proposalTimeout(Duration.ofSeconds(30))
                    .build();

    @TempDir private Path root;
    private final HeldPorts ports = new HeldPorts();
    private final List<String> peers = new ArrayList<>();
    private String elsewhere = "";
    private final List<Running> running = new ArrayList<>();

    private static final class Sum implements StateMachine {
        private long sum;

        @Override
        public Payload apply(Command command) {
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

    /** A host with its group, and whom it refused or was refused by. */
    private record Running(
            RaftHost host, RaftGroup group, NettyTransport transport, List<Fault> refusals) {
        void awaitRefusal(Fault.Code code, String... texts) {
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(refusals)
                                            .anySatisfy(
                                                    fault -> {
                                                        assertThat(fault.code()).isEqualTo(code);
                                                        assertThat(fault.message()).contains(texts);
                                                    }));
        }

        void assertNothingTaken() {
            await().atMost(PATIENCE)
                    .until(() -> transport.counters().connectionsRefused() >= 6); // it dials on
            assertThat(transport.counters().framesReceived()).isZero();
            assertThat(group.status().leader()).isNull();
        }
    }

    @BeforeEach
    void choosePorts() throws IOException {
        for (String node : List.of("a", "b", "b")) {
            peers.add(ports.next(node));
        }
        elsewhere = peers.remove(2);
        ports.letHostsListen();
    }

    @AfterEach
    void stopAll() throws IOException {
        for (Running each : List.copyOf(running)) {
            stop(each);
        }
        ports.close();
    }

    private Running start(String node) throws IOException {
        return start(node, root.resolve(node), peers);
    }

    private Running start(String node, Path directory, List<String> where) throws IOException {
        List<Fault> refusals = new CopyOnWriteArrayList<>();
        NettyTransport transport = NettyTransport.plaintext();
        RaftHost host =
                RaftHost.builder()
                        .cluster("test")
                        .node(node)
                        .peers(where.toArray(String[]::new))
                        .storage(FileStorage.in(directory))
                        .transport(transport)
                        .options(OPTIONS)
                        .listener(
                                new RaftListener() {
                                    @Override
                                    public void peerRefused(@Nullable NodeId peer, Fault fault) {
                                        refusals.add(fault);
                                    }
                                })
                        .start();
        Running started = new Running(host, host.open("sum", new Sum()), transport, refusals);
        running.add(started);
        return started;
    }

    private void stop(Running host) throws IOException {
        running.remove(host);
        host.host().close();
    }

    private static long add(Running host) throws Exception {
        return host.group().propose(Payload.of(1)).get(60, TimeUnit.SECONDS).asLong();
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    /** Leaves b's directory at that boot, seen by a, with copies of the boots before. */
    private void runUntilBoot(int boot) throws Exception {
        Running a = start("a");
        for (int i = 1; i <= boot; i++) {
            Running b = start("b");
            assertThat(b.host().identity().boot()).isEqualTo(i);
            assertThat(add(b)).isEqualTo(i);
            stop(b);
            copy(root.resolve("b"), root.resolve("copy" + i));
        }
        stop(a); // from here on only its disk knows
    }

    private void swap(String away, String with) throws IOException {
        Files.move(root.resolve("b"), root.resolve(away));
        Files.move(root.resolve(with), root.resolve("b"));
    }

    @Test
    void anOlderCopyInItsPlaceIsRefusedAndTheRightDirectoryTakenAgain() throws Exception {
        runUntilBoot(3);
        swap("right", "copy1"); // which comes in boot 2
        Running a = start("a");
        Running b = start("b");
        for (Running each : List.of(a, b)) {
            each.awaitRefusal(
                    Fault.Code.LOG_REVERTED,
                    "node b comes in boot 2",
                    "boot 3 was seen",
                    "Stop it");
            each.assertNothingTaken();
        }
        stop(b);
        swap("copy1", "right");
        assertThat(add(start("b"))).isEqualTo(4);
        assertThat(add(a)).isEqualTo(5);
    }

    @Test
    void aCopyOfTheSameBootIsRefusedAsASecondProcess() throws Exception {
        runUntilBoot(3);
        swap("right", "copy2"); // which comes in boot 3, with another nonce
        Running a = start("a");
        Running b = start("b");
        for (Running each : List.of(a, b)) {
            each.awaitRefusal(
                    Fault.Code.WRONG_PEER, "two processes use node id b", "boot 3", "copy");
            each.assertNothingTaken();
        }
    }

    @Test
    void aCopyThatIsStartedElsewhereIsRefusedAndTheRightOneServesOn() throws Exception {
        runUntilBoot(3);
        Running a = start("a");
        Running right = start("b");
        assertThat(add(right)).isEqualTo(4);
        Running copy = start("b", root.resolve("copy2"), List.of(peers.get(0), elsewhere));
        for (Running each : List.of(a, copy)) {
            each.awaitRefusal(Fault.Code.LOG_REVERTED, "node b comes in boot 3", "boot 4 was seen");
        }
        assertThat(add(right)).isEqualTo(5);
        assertThat(add(a)).isEqualTo(6);
        assertThat(copy.transport().counters().framesReceived()).isZero();
        assertThat(a.group().status().fault()).isNull();
    }
}
