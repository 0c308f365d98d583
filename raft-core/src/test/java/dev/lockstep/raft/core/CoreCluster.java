package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.ReplicaId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Pure cores with a network, disks and state machines in memory. All that happens, and in which
 * order, follows from the seed; so does how hostile the world is.
 */
final class CoreCluster {
    private static final int LONGEST_NETWORK = 400;

    final List<CoreServer> servers = new ArrayList<>();
    final ClusterChecks checks = new ClusterChecks(this);
    private final SplittableRandom random;
    private final List<Flight> network = new ArrayList<>();
    private final boolean[][] cut;
    private final double dropRate;
    private final double duplicateRate;
    private final double crashRate;
    private final double partitionRate;
    private final double lazyDrainRate;
    private final int reordering;
    private final RaftOptions options;
    private boolean calm;
    private long now = 1;
    private long clientIds;

    long elections;
    long truncations;
    long crashes;
    long loads;
    long admitted;
    long transfers;
    long transfersAborted;
    long refused;
    long changesDone;
    long changesRefused;

    private record Flight(int from, int to, Message message) {}

    CoreCluster(long seed, int size) {
        random = new SplittableRandom(seed);
        dropRate = oneOf(0, 0.01, 0.1, 0.3);
        duplicateRate = oneOf(0, 0.05, 0.2);
        crashRate = oneOf(0, 0.003, 0.01);
        partitionRate = oneOf(0, 0.005, 0.02);
        lazyDrainRate = oneOf(0, 0.3, 0.8);
        reordering = (int) oneOf(1, 4, 100);
        options =
                RaftOptions.defaults()
                        .with()
                        .maxAppendBytes((int) oneOf(1, 250, 5_000))
                        .maxInflightMessages((int) oneOf(1, 3, 8))
                        .maxInflightBytes((int) oneOf(500, 5_000))
                        .maxUncommittedBytes((int) oneOf(400, 100_000))
                        .maxApplyingBytes((int) oneOf(1, 500, 100_000))
                        .cacheBytes((int) oneOf(0, 400, 100_000))
                        .build();
        cut = new boolean[size][size];
        List<ReplicaId> ids = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            ids.add(new ReplicaId(NodeId.of("n" + (i + 1)), new UUID(7, i + 1)));
        }
        Founding founded =
                random.nextInt(4) == 0
                        ? null
                        : new Founding(new UUID(1, 1), Membership.ofVoters(ids), true);
        List<NodeId> nodes = ids.stream().map(ReplicaId::node).toList();
        for (ReplicaId id : ids) {
            SimDisk disk = new SimDisk(founded, HardState.INITIAL, List.of());
            servers.add(new CoreServer(id, disk, this, nodes, options));
        }
        servers.forEach(server -> server.start(random.nextLong()));
    }

    private double oneOf(double... values) {
        return values[random.nextInt(values.length)];
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    long now() {
        return now;
    }

    void send(ReplicaId from, ReplicaId to, Message message) {
        if (network.size() >= LONGEST_NETWORK) {
            network.remove(0);
        }
        network.add(new Flight(number(from), number(to), message));
    }

    private int number(ReplicaId id) {
        for (int i = 0; i < servers.size(); i++) {
            if (servers.get(i).id.node().equals(id.node())) {
                return i;
            }
        }
        throw new AssertionError("nobody is " + id);
    }

    // ---- one thing happens ----

    void step() {
        int what = random.nextInt(100);
        CoreServer server = servers.get(random.nextInt(servers.size()));
        if (!calm && chance(crashRate)) {
            if (server.isUp()) {
                server.crash(random);
                crashes++;
            }
        } else if (!calm && chance(partitionRate)) {
            repartition();
        } else if (!server.isUp()) {
            if (what < 20) {
                server.start(random.nextLong());
            }
        } else if (what < 45 && !network.isEmpty()) {
            for (int i = random.nextInt(2 * cut.length); i >= 0 && !network.isEmpty(); i--) {
                deliver();
            }
        } else if (what < 65) {
            if (server.hasUnsynced()) {
                server.sync(1 + random.nextInt(server.unsynced()));
            }
        } else if (what < 75) {
            if (server.isApplying()) {
                server.applyOne();
            }
        } else if (what < 82) {
            if (server.isLoading()) {
                server.load(random.nextBoolean());
            }
        } else if (what < 88) {
            if (calm && random.nextInt(20) > 0) {
                return; // leaves the others time to catch up
            }
            server.step(new Event.Propose(Ticket.local(++clientIds), Payload.of(clientIds)));
        } else if (what < 92) {
            checks.readBegins(++clientIds);
            server.step(new Event.Read(clientIds));
        } else if (what < 93) {
            NodeId other = servers.get(random.nextInt(servers.size())).id.node();
            if (calm || random.nextInt(3) > 0) {
                server.step(new Event.Connected(other));
            } else {
                server.step(new Event.Transfer(++clientIds, random.nextBoolean() ? other : null));
                transfers += server.leads() ? 1 : 0;
            }
        } else {
            passTime();
        }
        if (calm) {
            servers.forEach(this::hurry);
        }
        for (CoreServer touched : servers) {
            if (touched.isUp() && touched.dirty && !chance(lazyDrainRate)) {
                touched.drain();
            }
        }
    }

    /** In a calm world disks and state machines keep up. */
    private void hurry(CoreServer server) {
        if (server.hasUnsynced()) {
            server.sync(server.unsynced());
        }
        if (server.isApplying()) {
            server.applyOne();
        }
        if (server.isLoading()) {
            server.load(random.nextBoolean());
        }
    }

    private void deliver() {
        int at = random.nextInt(Math.min(network.size(), reordering));
        Flight flight = network.get(at);
        if (calm || !chance(duplicateRate)) {
            network.remove(at);
        }
        CoreServer to = servers.get(flight.to());
        boolean lost = cut[flight.from()][flight.to()] || (!calm && chance(dropRate));
        if (!lost && to.isUp()) {
            to.step(new Event.Received(servers.get(flight.from()).id, flight.message()));
        }
    }

    private void repartition() {
        int kind = random.nextInt(4);
        for (int i = 0; i < cut.length; i++) {
            for (int j = 0; j < cut.length; j++) {
                cut[i][j] =
                        switch (kind) {
                            case 0, 1 -> false;
                            case 2 -> random.nextInt(3) == 0;
                            default -> (i == 0) != (j == 0);
                        };
            }
        }
    }

    private void passTime() {
        long next = Long.MAX_VALUE;
        for (CoreServer server : servers) {
            if (server.isUp()) {
                if (server.dirty) {
                    server.drain();
                }
                next = Math.min(next, server.core.deadlineNanos());
            }
        }
        if (next == Long.MAX_VALUE) {
            return;
        }
        now = Math.max(now + 1, next);
        if (!calm && chance(0.02)) {
            now += random.nextLong(2 * options.electionTimeout().toNanos());
        }
        for (CoreServer server : servers) {
            if (server.isUp() && server.core.deadlineNanos() <= now) {
                server.step(Event.Wake.INSTANCE);
            }
        }
    }

    // ---- the end of a run ----

    /** Whatever happened, once it is over the cluster elects, commits and catches up. */
    void recover() {
        calm = true;
        for (boolean[] row : cut) {
            Arrays.fill(row, false);
        }
        for (CoreServer server : servers) {
            if (!server.isUp()) {
                server.start(random.nextLong());
            }
        }
        long before = checks.committedCount();
        for (int i = 0; i < 400_000; i++) {
            step();
            if (i % 64 == 0 && checks.committedCount() > before + 3 && allHave(before + 3)) {
                return;
            }
        }
        throw new AssertionError(
                "no progress in a calm world beyond "
                        + before
                        + " committed: "
                        + servers.stream()
                                .map(
                                        s ->
                                                s.id
                                                        + " "
                                                        + s.core.role()
                                                        + " term "
                                                        + s.core.term()
                                                        + " last "
                                                        + s.core.last()
                                                        + " commit "
                                                        + s.core.commitIndex()
                                                        + " applied "
                                                        + s.core.appliedIndex())
                                .toList());
    }

    private boolean allHave(long index) {
        return servers.stream().allMatch(s -> s.core.appliedIndex() >= index);
    }

    void checkLogs() {
        checks.logsMatch();
        for (CoreServer server : servers) {
            if (server.isUp() && !server.dirty) {
                checks.diskMatches(server);
            }
        }
        assertThat(network.size()).isLessThanOrEqualTo(LONGEST_NETWORK);
    }
}
