package dev.lockstep.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.HostAnswer;
import dev.lockstep.raft.message.HostQuestion;
import dev.lockstep.raft.message.Resignation;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.ReadLevel;
import dev.lockstep.raft.spi.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Some hundred groups on three hosts: they sleep, and wake on use or when their leader is lost. */
class ManyGroupsTest {
    private static final int GROUPS = 300;
    private static final RaftOptions OPTIONS =
            RaftOptions.defaults()
                    .with()
                    .electionTimeout(Duration.ofMillis(500))
                    .sleepAfter(Duration.ofSeconds(1))
                    .build();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** By node, the groups that sleep there. */
    private final Map<String, Set<GroupId>> asleep = new HashMap<>();

    /** By group, who leads it as far as was told last. */
    private final Map<GroupId, NodeId> leaders = new HashMap<>();

    private final Set<NodeId> suspected = new HashSet<>();
    private volatile boolean losesResignations;
    private final AtomicInteger ofReplicas = new AtomicInteger();
    private final AtomicInteger ofHosts = new AtomicInteger();

    private final class Watch implements RaftListener {
        private final String node;

        Watch(String node) {
            this.node = node;
        }

        @Override
        public void sleeps(GroupId group, boolean now) {
            note(
                    () -> {
                        Set<GroupId> here = asleep.computeIfAbsent(node, key -> new HashSet<>());
                        if (now) {
                            here.add(group);
                        } else {
                            here.remove(group);
                        }
                    });
        }

        @Override
        public void hostSuspected(NodeId host, int sleepers) {
            note(() -> suspected.add(host));
        }

        @Override
        public void roleChanged(GroupId group, Role role, long term, @Nullable NodeId leader) {
            if (role == Role.LEADER) {
                note(() -> leaders.put(group, NodeId.of(node)));
            }
        }
    }

    private void note(Runnable what) {
        lock.lock();
        try {
            what.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void await(String what, BooleanSupplier condition) throws InterruptedException {
        long left = TimeUnit.SECONDS.toNanos(60);
        lock.lock();
        try {
            while (!condition.getAsBoolean()) {
                assertThat(left).as("time for: " + what).isPositive();
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private int asleepOn(String node) {
        return asleep.getOrDefault(node, Set.of()).size();
    }

    private boolean allSleep() {
        return ThreeHosts.NODES.stream().allMatch(node -> asleepOn(node) == GROUPS);
    }

    /** Counts what leaves a host. */
    private Transport counting(Transport carrier) {
        return new Transport() {
            @Override
            public void start(HostIdentity identity, List<PeerAddress> peers, Receiver receiver)
                    throws IOException {
                carrier.start(identity, peers, receiver);
            }

            @Override
            public @Nullable EventLoop loop() {
                return carrier.loop();
            }

            @Override
            public boolean send(NodeId to, Envelope envelope) {
                if (losesResignations && envelope.message() instanceof Resignation) {
                    return true;
                }
                boolean ofHost =
                        envelope.message() instanceof HostQuestion
                                || envelope.message() instanceof HostAnswer;
                (ofHost ? ofHosts : ofReplicas).incrementAndGet();
                return carrier.send(to, envelope);
            }

            @Override
            public void flush() {
                carrier.flush();
            }

            @Override
            public void close() {
                carrier.close();
            }
        };
    }

    private static String name(int group) {
        return "group-" + group;
    }

    @Test
    void quietGroupsCostNothingAndWakeOnUseAndOnTheLossOfTheirLeader() throws Exception {
        try (ThreeHosts hosts =
                new ThreeHosts(OPTIONS).through(this::counting).heardBy(Watch::new)) {
            Map<String, RaftGroup[]> groups = new TreeMap<>();
            for (String node : ThreeHosts.NODES) {
                groups.put(node, open(hosts.startHost(node), GROUPS));
            }
            await("all are led", () -> leaders.size() == GROUPS);
            await("all sleep", this::allSleep);
            // Nothing is said of any group while three hosts ask after each other several times.
            ofReplicas.set(0);
            int before = ofHosts.get();
            while (ofHosts.get() < before + 50) {
                Thread.onSpinWait();
            }
            assertThat(ofReplicas.get()).isZero();

            // A use wakes a group, and no other.
            for (String node : ThreeHosts.NODES) {
                ThreeHosts.get(groups.get(node)[7].propose(Payload.of(1)));
            }
            assertThat(
                            ThreeHosts.get(
                                            groups.get("n2")[7].read(
                                                    Payload.EMPTY, ReadLevel.LINEARIZABLE))
                                    .asLong())
                    .isEqualTo(3);
            assertThat(ThreeHosts.NODES).allMatch(node -> asleepOn(node) >= GROUPS - 1);
            await("all sleep again", this::allSleep);

            // Whoever leads most vanishes without a word.
            String lost = whoLeadsMost();
            Set<GroupId> led = ledBy(lost);
            hosts.cut(lost);
            await("it is suspected", () -> suspected.contains(NodeId.of(lost)));
            await(
                    "others lead all that it led",
                    () -> led.stream().noneMatch(group -> leaders.get(group).value().equals(lost)));
            String other = ThreeHosts.otherThan(lost);
            for (int i = 0; i < GROUPS; i += 30) {
                ThreeHosts.get(groups.get(other)[i].propose(Payload.of(1)));
            }

            // It comes back, and all agree again.
            hosts.join(lost);
            await("all sleep at last", this::allSleep);
        }
    }

    /** A leader that is closed says so; who sleeps needs not wait for its host to be missed. */
    @Test
    void aGroupThatIsClosedOnOneHostIsLedByAnotherAndItsNeighboursSleepOn() throws Exception {
        try (ThreeHosts hosts =
                new ThreeHosts(OPTIONS).through(this::counting).heardBy(Watch::new)) {
            Map<String, RaftGroup[]> groups = new TreeMap<>();
            for (String node : ThreeHosts.NODES) {
                groups.put(node, open(hosts.startHost(node), 2));
            }
            await(
                    "all sleep",
                    () -> ThreeHosts.NODES.stream().allMatch(node -> asleepOn(node) == 2));
            String leader = leaders.get(GroupId.of(name(0))).value();
            groups.get(leader)[0].close();
            await("another leads", () -> !leaders.get(GroupId.of(name(0))).value().equals(leader));
            assertThat(ThreeHosts.NODES)
                    .allMatch(node -> asleep.get(node).contains(GroupId.of(name(1))));
            assertThat(suspected).isEmpty();
        }
    }

    /** The host lives and answers, and only what is asked about each group tells. */
    @Test
    void aLeaderThatStoppedWithoutBeingHeardIsMissedThoughItsHostLives() throws Exception {
        losesResignations = true;
        int count = 8;
        try (ThreeHosts hosts =
                new ThreeHosts(OPTIONS).through(this::counting).heardBy(Watch::new)) {
            Map<String, RaftGroup[]> groups = new TreeMap<>();
            for (String node : ThreeHosts.NODES) {
                groups.put(node, open(hosts.startHost(node), count));
            }
            await(
                    "all sleep",
                    () -> ThreeHosts.NODES.stream().allMatch(node -> asleepOn(node) == count));
            String failing = whoLeadsMost();
            Set<GroupId> led = ledBy(failing);
            assertThat(led).hasSizeGreaterThan(1);
            GroupId used = led.iterator().next();
            hosts.disk(failing).failNextSync = new IOException("told to fail");
            for (int i = 0; i < count; i++) {
                if (used.name().equals(name(i))) {
                    var unusedAnswer = groups.get(failing)[i].propose(Payload.of(1));
                }
            }
            await(
                    "others lead",
                    () ->
                            led.stream()
                                    .noneMatch(
                                            group -> leaders.get(group).value().equals(failing)));
            assertThat(suspected).isEmpty();
        }
    }

    private static RaftGroup[] open(RaftHost host, int count) {
        RaftGroup[] opened = new RaftGroup[count];
        for (int i = 0; i < count; i++) {
            opened[i] = host.open(name(i), new SumMachine());
        }
        return opened;
    }

    private String whoLeadsMost() {
        return ThreeHosts.NODES.stream()
                .max((a, b) -> Integer.compare(ledBy(a).size(), ledBy(b).size()))
                .orElseThrow();
    }

    private Set<GroupId> ledBy(String node) {
        Set<GroupId> led = new HashSet<>();
        leaders.forEach(
                (group, leader) -> {
                    if (leader.value().equals(node)) {
                        led.add(group);
                    }
                });
        return led;
    }
}
