package dev.lockstep.raft.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.node.RaftHost;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.ReadLevel;
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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changes of the members as they are in production: real threads, files and sockets, and clients.
 */
@Timeout(180)
class MembersOnRealThreadsTest {
    private static final List<NodeId> FOUNDERS =
            Stream.of("n1", "n2", "n3").map(NodeId::of).toList();
    private static final List<String> NODES = List.of("n1", "n2", "n3", "n4");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final RaftOptions OPTIONS =
            RaftOptions.defaults()
                    .with()
                    .electionTimeout(Duration.ofMillis(600))
                    .proposalTimeout(Duration.ofSeconds(2))
                    .snapshotBytes(16 << 10)
                    .keptLogBytes(1 << 10)
                    .build();

    @TempDir private Path directory;
    private final HeldPorts ports = new HeldPorts();
    private final List<String> peers = new ArrayList<>();
    private final Map<String, RaftHost> hosts = new ConcurrentSkipListMap<>();
    private final Map<String, RaftGroup> groups = new ConcurrentSkipListMap<>();
    private final List<Thread> clients = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong unknown = new AtomicLong();

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

    @BeforeEach
    void startAll() throws IOException {
        for (String node : NODES) {
            peers.add(ports.next(node));
        }
        ports.letHostsListen();
        for (String node : NODES) {
            start(node);
        }
    }

    @AfterEach
    void stopAll() throws Exception {
        stopped.set(true);
        for (Thread client : clients) {
            client.join();
        }
        for (String node : List.copyOf(hosts.keySet())) {
            stop(node);
        }
        ports.close();
    }

    private void start(String node) throws IOException {
        RaftHost host =
                RaftHost.builder()
                        .cluster("test")
                        .node(node)
                        .peers(peers.toArray(String[]::new))
                        .storage(FileStorage.in(directory.resolve(node)))
                        .transport(NettyTransport.plaintext())
                        .options(OPTIONS)
                        .start();
        hosts.put(node, host);
        groups.put(node, host.open("sum", FOUNDERS, new Sum()));
    }

    private void stop(String node) throws IOException {
        groups.remove(node);
        hosts.remove(node).close();
    }

    /** Adds one after the other, each time by another host that knows a leader. */
    private void startClient() {
        Thread client =
                new Thread(
                        () -> {
                            for (int i = 0; !stopped.get(); i++) {
                                RaftGroup group = groups.get(NODES.get(i % NODES.size()));
                                if (group != null && group.status().leader() != null) {
                                    addBy(group);
                                }
                            }
                        });
        client.start();
        clients.add(client);
    }

    private void addBy(RaftGroup group) {
        try {
            Payload unusedAnswer = group.propose(Payload.of(1)).get(60, TimeUnit.SECONDS);
            done.incrementAndGet();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof OutcomeUnknown) {
                unknown.incrementAndGet();
            } else if (!(e.getCause() instanceof NotDone)) {
                throw new AssertionError(e);
            }
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** Clients get on, however the members change. */
    private void awaitProgress() {
        long before = done.get();
        await().atMost(PATIENCE).until(() -> done.get() >= before + 50);
    }

    private String leader() {
        return await().atMost(PATIENCE)
                .until(
                        () ->
                                groups.entrySet().stream()
                                        .filter(g -> g.getValue().status().role() == Role.LEADER)
                                        .map(Map.Entry::getKey)
                                        .findFirst()
                                        .orElse(""),
                        leader -> !leader.isEmpty());
    }

    /** Asks whoever leads until it is done; a change whose end isn't known may be made already. */
    private void change(MembershipChange.Builder change, String why) {
        await(why)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptionsMatching(e -> e.getCause() instanceof NotDone)
                .until(
                        () -> {
                            RaftGroup group = groups.get(leader());
                            return group.changeMembers(change.build()).get(60, TimeUnit.SECONDS)
                                    != null;
                        });
    }

    private void awaitMembers(String node, Predicate<Membership> wanted) {
        await().atMost(PATIENCE)
                .until(
                        () -> {
                            Configuration now = groups.get(node).members();
                            return now != null && now.committed() && wanted.test(now.membership());
                        });
    }

    private static boolean isVoter(Membership members, String node) {
        return members.voters().stream().anyMatch(voter -> voter.node().equals(NodeId.of(node)));
    }

    private long sumOn(String node) throws Exception {
        return groups.get(node)
                .read(Payload.EMPTY, ReadLevel.LINEARIZABLE)
                .get(60, TimeUnit.SECONDS)
                .asLong();
    }

    @Test
    void aServerIsAddedAnotherReplacedAndTheLeaderRemovedWhileClientsGoOn() throws Exception {
        startClient();
        startClient();
        startClient();
        awaitProgress();

        // A learner first, of which everybody knows, then a voter.
        change(MembershipChange.builder().addLearner("n4"), "n4 learns");
        awaitMembers(leader(), members -> members.learners().size() == 1);
        assertThat(isVoter(groups.get(leader()).members().membership(), "n4")).isFalse();
        change(MembershipChange.builder().addVoter("n4"), "n4 joins");
        awaitMembers("n4", members -> isVoter(members, "n4") && members.voters().size() == 4);
        awaitProgress();

        String wiped = leader().equals("n3") ? "n2" : "n3";
        ReplicaId before = groups.get("n4").members().membership().on(NodeId.of(wiped));
        stop(wiped);
        delete(directory.resolve(wiped));
        awaitProgress();
        start(wiped);
        change(MembershipChange.builder().replace(wiped), wiped + " is replaced");
        awaitMembers(
                wiped,
                members -> isVoter(members, wiped) && !before.equals(members.on(NodeId.of(wiped))));
        assertThat(groups.get(wiped).status().fault()).isNull();
        awaitProgress();

        String old = leader();
        change(MembershipChange.builder().remove(old), old + " removes itself");
        await().atMost(PATIENCE).until(() -> !leader().equals(old));
        awaitMembers(leader(), members -> members.on(NodeId.of(old)) == null);
        stop(old);
        awaitProgress();

        stopped.set(true);
        for (Thread client : clients) {
            client.join();
        }
        long sum = sumOn(leader());
        assertThat(sum).isBetween(done.get(), done.get() + unknown.get());
        for (String node : groups.keySet()) {
            assertThat(sumOn(node)).as(node).isEqualTo(sum);
        }
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
