package dev.lockstep.raft.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.model.SessionCommand;
import dev.lockstep.raft.model.SessionId;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.node.RaftHost;
import dev.lockstep.raft.node.RaftSession;
import dev.lockstep.raft.spi.ReadLevel;
import dev.lockstep.raft.storage.FileStorage;
import dev.lockstep.raft.transport.netty.NettyTransport;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A state machine with a database of its own, on real threads, files and sockets. */
@Timeout(180)
class DurableMachineTest {
    private static final RaftOptions OPTIONS =
            RaftOptions.defaults()
                    .with()
                    .electionTimeout(Duration.ofMillis(600))
                    .proposalTimeout(Duration.ofSeconds(20))
                    .keptLogBytes(0)
                    .build();

    @TempDir private Path directory;
    private final HeldPorts ports = new HeldPorts();
    private final List<String> peers = new ArrayList<>();
    private final Map<String, RaftHost> hosts = new TreeMap<>();
    private final Map<String, RaftGroup> groups = new TreeMap<>();
    private final Map<String, FileMachine> machines = new TreeMap<>();

    @BeforeEach
    void findPorts() throws IOException {
        for (String node : List.of("n1", "n2", "n3")) {
            peers.add(ports.next(node));
        }
        ports.letHostsListen();
    }

    @AfterEach
    void stopAll() throws IOException {
        for (String node : List.copyOf(hosts.keySet())) {
            stop(node);
        }
        ports.close();
    }

    private FileMachine start(String node, String... founders) throws IOException {
        return start(node, directory.resolve(node + ".db"), founders);
    }

    private FileMachine start(String node, Path store, String... founders) throws IOException {
        RaftHost host =
                RaftHost.builder()
                        .cluster("test")
                        .node(node)
                        .peers(peers.toArray(String[]::new))
                        .storage(FileStorage.in(directory.resolve(node)))
                        .transport(NettyTransport.plaintext())
                        .options(OPTIONS)
                        .start();
        FileMachine machine = new FileMachine(store);
        hosts.put(node, host);
        machines.put(node, machine);
        groups.put(node, host.open("sum", Stream.of(founders).map(NodeId::of).toList(), machine));
        return machine;
    }

    private void stop(String node) throws IOException {
        groups.remove(node);
        hosts.remove(node).close();
        machines.remove(node).close();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    private void add(String node, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            get(groups.get(node).propose(Payload.of(1)));
        }
    }

    private long sumOn(String node) throws Exception {
        return get(groups.get(node).read(Payload.EMPTY, ReadLevel.LINEARIZABLE)).asLong();
    }

    private Payload addInSession(SessionId session, long sequence, long value) throws Exception {
        return get(
                groups.get("n1")
                        .proposeOnce(new SessionCommand(session, sequence, 1, Payload.of(value))));
    }

    private Fault.Code faultOf(String node) {
        Fault fault =
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> groups.get(node).status().fault(), found -> found != null);
        assertThat(groups.get(node).status().role()).isEqualTo(Role.HALTED);
        return fault.code();
    }

    private static void cut(Path file, long bytes) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(bytes);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    /**
     * Whatever the database has lost of what wasn't synced is applied again, and nothing else; and
     * a command of a session that is in the part that isn't applied again is known for a duplicate.
     */
    @Test
    void aRestartAppliesJustWhatTheStoreLacksAndKnowsDuplicates() throws Exception {
        start("n1", "n1");
        RaftSession session = get(groups.get("n1").openSession());
        SessionId id = session.id();
        addInSession(id, 1, 10);
        addInSession(id, 2, 100);
        get(groups.get("n1").snapshot());
        addInSession(id, 3, 1_000);
        add("n1", 5);
        addInSession(id, 4, 10_000);
        long synced = machines.get("n1").syncedBytes;
        stop("n1");
        Path store = directory.resolve("n1.db");
        long written = Files.size(store);
        assertThat(synced).isPositive().isLessThan(written);
        Path whole = directory.resolve("whole.db");
        Files.copy(store, whole);
        int most = 7;
        for (long left : lefts(synced, written)) {
            Files.delete(store);
            Files.copy(whole, store);
            cut(store, left);
            FileMachine machine = start("n1", "n1");
            assertThat(sumOn("n1")).as("%s of %s bytes left", left, written).isEqualTo(11_115);
            assertThat(machine.applied.get()).isBetween(left == synced ? 7 : 0, most);
            most = machine.applied.get();
            assertThat(addInSession(id, 1, 10)).isEqualTo(Payload.of(10));
            assertThat(addInSession(id, 3, 1_000)).isEqualTo(Payload.of(1_110));
            assertThat(addInSession(id, 4, 10_000)).isEqualTo(Payload.of(11_115));
            assertThat(sumOn("n1")).isEqualTo(11_115);
            stop("n1");
        }
        assertThat(most).as("with nothing lost").isZero();
    }

    private static List<Long> lefts(long from, long to) {
        List<Long> all = new ArrayList<>();
        for (long left = from; left < to; left += Math.max(1, (to - from) / 7)) {
            all.add(left);
        }
        all.add(to);
        return all;
    }

    @Test
    void snapshotsHoldNoStateUntilAFollowerThatIsFarBehindNeedsIt() throws Exception {
        String[] all = {"n1", "n2", "n3"};
        for (String node : all) {
            start(node, all);
        }
        add("n1", 3);
        get(groups.get("n3").read(Payload.EMPTY, ReadLevel.LINEARIZABLE));
        stop("n3");
        add("n1", 50);
        get(groups.get("n1").snapshot());
        get(groups.get("n2").snapshot());
        assertThat(machines.get("n1").views.get() + machines.get("n2").views.get()).isZero();
        FileMachine behind = start("n3", all);
        assertThat(sumOn("n3")).isEqualTo(53);
        assertThat(behind.applied.get()).isLessThan(50);
        assertThat(machines.get("n1").views.get() + machines.get("n2").views.get()).isPositive();
        await().until(
                        () ->
                                machines.get("n1").views.get() == machines.get("n1").released.get()
                                        && machines.get("n2").views.get()
                                                == machines.get("n2").released.get());
        add("n3", 1);
        assertThat(sumOn("n3")).isEqualTo(54);
        stop("n3");
        FileMachine again = start("n3", all);
        assertThat(sumOn("n3")).isEqualTo(54);
        assertThat(again.applied.get()).as("its own store has it").isZero();
    }

    @Test
    void aRestoreThatFailsStopsTheReplicaAndIsDoneAgainWhenItIsOpened() throws Exception {
        String[] all = {"n1", "n2", "n3"};
        for (String node : all) {
            start(node, all);
        }
        add("n1", 1);
        stop("n3");
        add("n1", 20);
        get(groups.get("n1").snapshot());
        get(groups.get("n2").snapshot());
        start("n3", all).failsToRestore = true;
        assertThat(faultOf("n3")).isEqualTo(Fault.Code.STATE_MACHINE_FAILED);
        stop("n3");
        start("n3", all);
        assertThat(sumOn("n3")).isEqualTo(21);
    }

    @Test
    void aSyncThatFailsStopsTheReplicaWithItsLogUncut() throws Exception {
        start("n1", "n1").failsToSync = true;
        add("n1", 5);
        CompletableFuture<Long> unusedSnapshot = groups.get("n1").snapshot();
        assertThat(faultOf("n1")).isEqualTo(Fault.Code.STATE_MACHINE_FAILED);
        stop("n1");
        cut(directory.resolve("n1.db"), 0);
        FileMachine machine = start("n1", "n1");
        assertThat(sumOn("n1")).isEqualTo(5);
        assertThat(machine.applied.get()).isEqualTo(5);
    }

    @Test
    void aStoreOfAnotherReplicaIsRefused() throws Exception {
        start("n1", "n1");
        start("n2", "n2");
        add("n1", 2);
        add("n2", 2);
        stop("n1");
        stop("n2");
        start("n1", directory.resolve("n2.db"), "n1");
        assertThat(faultOf("n1")).isEqualTo(Fault.Code.STATE_MISMATCH);
        stop("n1");
        start("n1", "n1");
        assertThat(sumOn("n1")).isEqualTo(2);
    }

    @Test
    void aStoreThatHasLostWhatItHadSyncedIsRefused() throws Exception {
        start("n1", "n1");
        add("n1", 5);
        get(groups.get("n1").snapshot());
        stop("n1");
        cut(directory.resolve("n1.db"), 0);
        start("n1", "n1");
        assertThat(faultOf("n1")).isEqualTo(Fault.Code.STATE_MISMATCH);
    }

    @Test
    void aLogThatIsOlderThanTheStoreIsRefused() throws Exception {
        start("n1", "n1");
        add("n1", 2);
        stop("n1");
        copy(directory.resolve("n1"), directory.resolve("old"));
        start("n1", "n1");
        add("n1", 20);
        stop("n1");
        Files.move(directory.resolve("n1"), directory.resolve("new"));
        Files.move(directory.resolve("old"), directory.resolve("n1"));
        start("n1", "n1");
        assertThat(faultOf("n1")).isEqualTo(Fault.Code.LOG_REVERTED);
    }
}
