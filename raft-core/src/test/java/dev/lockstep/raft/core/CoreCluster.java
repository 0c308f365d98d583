package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.MembershipFormat;
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
    final SimSnapshots.Registry files = new SimSnapshots.Registry();
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
    private final List<SimDisk> former = new ArrayList<>();
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
    long snapshotsTaken;
    long snapshotsInstalled;
    long changesDone;
    long changesRefused;

    /** How often a voter's directory was wiped, and how often the members were changed. */
    long wipes;

    /** How often entries left for a witness before a majority of full replicas had them. */
    long onWitness;

    long configurations;
    long jointConfigurations;

    /** Servers beyond the founders exist, and members come and go. */
    private final boolean reconfigures;

    private final int founders;

    private static final long WITNESS = 0x8000;
    private final List<Integer> witnesses;

    private final double changeRate;

    private record Flight(ReplicaId from, int to, Message message) {}

    CoreCluster(long seed, int size) {
        this(seed, size, 0);
    }

    /**
     * @param spare servers that don't found the group; with any, members are changed and
     *     directories wiped
     */
    CoreCluster(long seed, int founders, int spare) {
        this(seed, founders, spare, List.of());
    }

    /**
     * @param witnesses which servers are witnesses, by number from 1; then only those are wiped,
     *     since a full replica may be the only one with what is committed
     */
    CoreCluster(long seed, int founders, int spare, List<Integer> witnesses) {
        int size = founders + spare;
        reconfigures = spare > 0;
        this.witnesses = witnesses;
        this.founders = founders;
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
                        .snapshotBytes((int) oneOf(300, 2_000, Integer.MAX_VALUE))
                        .keptLogBytes((int) oneOf(0, 500, 5_000))
                        .snapshotChunkBytes((int) oneOf(7, 30, 1_000))
                        .snapshotsFromFollowers(random.nextBoolean())
                        .build();
        changeRate = reconfigures ? oneOf(0.005, 0.02, 0.1) : 0;
        cut = new boolean[size][size];
        List<ReplicaId> ids = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            long kind = witnesses.contains(i + 1) ? WITNESS : 7;
            ids.add(new ReplicaId(NodeId.of("n" + (i + 1)), new UUID(kind, i + 1)));
        }
        List<ReplicaId> initial = ids.subList(0, founders);
        Founding founded =
                random.nextInt(4) == 0
                        ? null
                        : new Founding(new UUID(1, 1), Membership.ofVoters(initial), true);
        List<NodeId> nodes = initial.stream().map(ReplicaId::node).toList();
        for (ReplicaId id : ids) {
            SimDisk disk =
                    new SimDisk(
                            initial.contains(id) ? founded : null, HardState.INITIAL, List.of());
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

    /** Whether a write of a snapshot fails this time. */
    boolean fails() {
        return !calm && chance(0.03);
    }

    long now() {
        return now;
    }

    void send(ReplicaId from, ReplicaId to, Message message) {
        if (network.size() >= LONGEST_NETWORK) {
            network.remove(0);
        }
        network.add(new Flight(from, number(to), message));
    }

    private int number(ReplicaId id) {
        return number(id.node());
    }

    private int number(NodeId node) {
        for (int i = 0; i < servers.size(); i++) {
            if (servers.get(i).id.node().equals(node)) {
                return i;
            }
        }
        throw new AssertionError("nobody is " + node);
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
        } else if (reconfigures && chance(changeRate)) {
            if (!calm && random.nextInt(20) == 0) {
                wipe(server);
            } else {
                change();
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
        } else if (what < 78) {
            if (server.hasSnapshotWork()) {
                server.workOnSnapshots(random.nextBoolean());
            } else if (random.nextInt(50) == 0) {
                server.step(new Event.Snapshots(new SnapshotNews.Wanted()));
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

    // ---- members come and go ----

    /** A client asks a leader, which may be one of the past, for something that may be nonsense. */
    private void change() {
        CoreServer leader = servers.get(random.nextInt(servers.size()));
        if (!leader.leads()) {
            return;
        }
        List<MembershipChange.Step> steps = new ArrayList<>();
        List<CoreServer> left = new ArrayList<>(servers);
        // While one is gone, to take another away may leave too few for ever; the operator knows.
        Membership now = leader.core.membership();
        if (now.replicas().stream().anyMatch(this::isGone)) {
            left.removeIf(
                    server -> {
                        ReplicaId member = now.on(server.id.node());
                        return member != null && !isGone(member);
                    });
        }
        for (int i = random.nextInt(3); i >= 0 && !left.isEmpty(); i--) {
            NodeId node = left.remove(random.nextInt(left.size())).id.node();
            steps.add(new MembershipChange.Step(likelyAction(leader, node), node));
        }
        if (steps.isEmpty()) {
            return;
        }
        long expected =
                random.nextInt(4) > 0
                        ? MembershipChange.ANY
                        : leader.core.configurations.current().index();
        leader.step(new Event.ChangeMembership(++clientIds, new MembershipChange(steps, expected)));
    }

    /** Mostly one that may be done. */
    private MembershipChange.Action likelyAction(CoreServer leader, NodeId node) {
        MembershipChange.Action[] all = MembershipChange.Action.values();
        Membership now = leader.core.membership();
        ReplicaId member = now.on(node);
        if (random.nextInt(6) == 0) {
            return all[random.nextInt(all.length)];
        } else if (member == null && servers.get(number(node)).id.isWitness()) {
            return MembershipChange.Action.ADD_WITNESS;
        } else if (member == null) {
            return random.nextInt(4) == 0
                    ? MembershipChange.Action.ADD_LEARNER
                    : MembershipChange.Action.ADD_VOTER;
        } else if (leader.core.outsiders.on(node, now) != null) {
            return MembershipChange.Action.REPLACE;
        } else if (now.learners().contains(member)) {
            return random.nextBoolean()
                    ? MembershipChange.Action.PROMOTE
                    : MembershipChange.Action.ADD_VOTER;
        }
        return random.nextInt(3) == 0
                ? MembershipChange.Action.DEMOTE
                : MembershipChange.Action.REMOVE;
    }

    /**
     * The directory is lost, and another incarnation begins there. Never so many that somebody's
     * configuration has no majority left: that is beyond what any protocol bears.
     */
    private void wipe(CoreServer server) {
        // Who is wiped while the group is being founded leaves the others without a founding.
        // And a sole founder, wiped, would found the group anew: nobody needs to agree.
        boolean alone = founders == 1 && server == servers.get(0);
        boolean wipeable = witnesses.isEmpty() || server.id.isWitness();
        if (alone
                || !wipeable
                || !isFounded(server)
                || servers.stream().filter(other -> other != server).noneMatch(this::isFounded)) {
            return;
        }
        for (Membership known : everyMembership()) {
            if (!bearsLossOf(known, known.voters(), server.id)
                    || (known.isJoint() && !bearsLossOf(known, known.outgoing(), server.id))) {
                return;
            }
        }
        if (server.isUp()) {
            server.crash(random);
        }
        former.add(server.disk);
        long kind = server.id.isWitness() ? WITNESS : 8;
        server.wipe(new ReplicaId(server.id.node(), new UUID(kind, 1_000 + ++wipes)));
    }

    /** Those in force somewhere, and those that may come into force from a disk or a message. */
    private List<Membership> everyMembership() {
        List<Membership> all = new ArrayList<>();
        for (CoreServer server : servers) {
            all.addAll(server.disk.memberships());
            if (server.isUp() && !server.core.configurations.isEmpty()) {
                all.add(server.core.membership());
            }
        }
        for (Flight flight : network) {
            if (flight.message() instanceof AppendEntries append) {
                for (Entry entry : append.entries()) {
                    if (entry.kind() == EntryKind.CONFIGURATION) {
                        all.add(MembershipFormat.decode(entry.payload()));
                    }
                }
            }
        }
        return all;
    }

    private boolean isFounded(CoreServer server) {
        Founding founding = server.disk.founding();
        return founding != null && founding.complete();
    }

    private boolean isGone(ReplicaId replica) {
        return !servers.get(number(replica)).id.equals(replica);
    }

    /** A learner that is gone may have been promoted a moment ago, or be so in a moment. */
    private boolean bearsLossOf(Membership known, List<ReplicaId> voters, ReplicaId lost) {
        long left = voters.stream().filter(voter -> !voter.equals(lost) && !isGone(voter)).count();
        long promotable =
                known.learners().stream()
                        .filter(learner -> learner.equals(lost) || isGone(learner))
                        .count();
        return left > (voters.size() + promotable) / 2;
    }

    /** Every disk that exists or existed, of members that were wiped too. */
    List<SimDisk> disks() {
        List<SimDisk> all = new ArrayList<>(former);
        servers.forEach(server -> all.add(server.disk));
        return all;
    }

    boolean holdsDurably(ReplicaId replica, LogPosition position) {
        for (SimDisk disk : disks()) {
            if (replica.equals(disk.owner) && disk.holdsDurably(position)) {
                return true;
            }
        }
        return false;
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
        if (server.hasSnapshotWork()) {
            server.workOnSnapshots(random.nextBoolean());
        }
    }

    private void deliver() {
        int at = random.nextInt(Math.min(network.size(), reordering));
        Flight flight = network.get(at);
        if (calm || !chance(duplicateRate)) {
            network.remove(at);
        }
        CoreServer to = servers.get(flight.to());
        boolean lost = cut[number(flight.from())][flight.to()] || (!calm && chance(dropRate));
        if (!lost && to.isUp()) {
            to.step(new Event.Received(flight.from(), flight.message()));
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
                                                        + s.core.appliedIndex()
                                                        + " "
                                                        + (s.core.configurations.isEmpty()
                                                                ? "no founding"
                                                                : s.core.membership()))
                                .toList());
    }

    /** Who is a member, as the leader says. */
    private boolean allHave(long index) {
        List<CoreServer> leaders = servers.stream().filter(CoreServer::leads).toList();
        if (leaders.isEmpty()) {
            return false;
        }
        Membership membership = leaders.get(0).core.membership();
        return servers.stream()
                .filter(server -> membership.contains(server.id))
                .allMatch(server -> server.core.appliedIndex() >= index);
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
