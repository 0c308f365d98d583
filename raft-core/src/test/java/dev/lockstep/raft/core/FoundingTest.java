package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.FoundingState;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How a group comes to exist, once. */
class FoundingTest {
    private static final RaftOptions OPTIONS = RaftOptions.defaults();
    private static final long ROUND_NANOS = OPTIONS.heartbeatInterval().toNanos();

    /** Three hosts that found one group, whatever happens to them. */
    private static final class World {
        final SplittableRandom random;
        final List<Host> hosts = new ArrayList<>();
        final List<Flight> network = new ArrayList<>();
        final Set<UUID> completed = new HashSet<>();
        long now = 1;
        long incarnations;

        World(long seed) {
            random = new SplittableRandom(seed);
            for (int i = 1; i <= 3; i++) {
                hosts.add(new Host(this, NodeId.of("n" + i), nodes("n1", "n2", "n3")));
            }
        }

        Host host(NodeId node) {
            return hosts.stream().filter(h -> h.node.equals(node)).findFirst().orElseThrow();
        }

        void deliver(int at, boolean keep) {
            Flight flight = keep ? network.get(at) : network.remove(at);
            Host to = host(flight.to());
            if (to.core != null) {
                to.step(new Event.Received(flight.from(), flight.message()));
            }
        }

        void passRound() {
            now += ROUND_NANOS;
            for (Host host : hosts) {
                if (host.core != null) {
                    host.step(Event.Wake.INSTANCE);
                }
            }
        }

        /** Rounds in which nothing is lost; elections aside. */
        void settle() {
            for (int round = 0; round < 6; round++) {
                passRound();
                for (int i = 0; i < 200 && !network.isEmpty(); i++) {
                    deliver(0, false);
                    hosts.forEach(Host::syncAll);
                }
                hosts.forEach(Host::syncAll);
            }
        }

        boolean allFounded() {
            return hosts.stream()
                    .allMatch(
                            h ->
                                    h.core != null
                                            && h.core.role() != Role.FOUNDING
                                            && h.core.role() != Role.HALTED);
        }
    }

    private record Flight(ReplicaId from, NodeId to, Message message) {}

    private static List<NodeId> nodes(String... names) {
        return Stream.of(names).map(NodeId::of).toList();
    }

    private static final class Host implements Effect.Runner {
        final World world;
        final NodeId node;
        final List<NodeId> initial;
        ReplicaId id;
        SimDisk disk;
        RaftCore core;
        Fault warning;
        private final ArrayDeque<PersistToken> tokens = new ArrayDeque<>();
        private final ArrayDeque<List<Effect.Send>> waiting = new ArrayDeque<>();

        Host(World world, NodeId node, List<NodeId> initial) {
            this.world = world;
            this.node = node;
            this.initial = initial;
            wipe();
            start();
        }

        /** Another directory: another incarnation, and nothing of the former. */
        void wipe() {
            id = new ReplicaId(node, new UUID(++world.incarnations, node.hashCode()));
            disk = new SimDisk(null, HardState.INITIAL, List.of());
        }

        void start() {
            core =
                    new RaftCore(
                            disk.recovered(id),
                            initial,
                            OPTIONS,
                            world.random.nextLong(),
                            world.now);
            step(Event.Wake.INSTANCE);
        }

        void crash() {
            core = null;
            tokens.clear();
            waiting.clear();
            disk.crash(world.random);
        }

        void step(Event event) {
            core.step(world.now, 1, event);
            core.drainEffects(this);
            if (core.role() == Role.FOLLOWER) {
                world.completed.add(core.founding.held().uuid());
            }
        }

        void syncAll() {
            while (core != null && !tokens.isEmpty()) {
                sync();
            }
        }

        void sync() {
            disk.syncOldest();
            waiting.removeFirst().forEach(this::leave);
            step(new Event.Persisted(tokens.removeFirst()));
        }

        boolean hasUnsynced() {
            return !tokens.isEmpty();
        }

        private void leave(Effect.Send send) {
            if (send.message() instanceof FoundingState) { // elections are not the matter here
                world.network.add(new Flight(id, send.to().node(), send.message()));
            }
        }

        Fault.Code fault() {
            return core.fault() == null ? null : core.fault().code();
        }

        @Override
        public void persist(Effect.Persist effect) {
            disk.append(effect);
            tokens.addLast(effect.token());
            waiting.addLast(new ArrayList<>());
        }

        @Override
        public void send(Effect.Send effect) {
            if (effect.afterPersist() && !waiting.isEmpty()) {
                waiting.getLast().add(effect);
            } else {
                leave(effect);
            }
        }

        @Override
        public void apply(Effect.Apply effect) {}

        @Override
        public void load(Effect.Load effect) {}

        @Override
        public void admitted(Effect.Admitted effect) {}

        @Override
        public void refused(Effect.Refused effect) {}

        @Override
        public void forward(Effect.Forward effect) {}

        @Override
        public void readReady(Effect.ReadReady effect) {}

        @Override
        public void statesDiffer(Effect.StatesDiffer effect) {}

        @Override
        public void transferAborted(Effect.TransferAborted effect) {}

        @Override
        public void readRefused(Effect.ReadRefused effect) {}

        @Override
        public void changeDone(Effect.ChangeDone effect) {}

        @Override
        public void changeRefused(Effect.ChangeRefused effect) {}

        @Override
        public void configurationChanged(Effect.ConfigurationChanged effect) {}

        @Override
        public void warned(Effect.Warned effect) {
            warning = effect.fault();
        }

        @Override
        public void roleChanged(Effect.RoleChanged effect) {}

        @Override
        public void snapshots(Effect.Snapshots effect) {
            throw new AssertionError(effect);
        }

        @Override
        public void halt(Effect.Halt effect) {}
    }

    @Test
    void threeHostsFoundOneGroup() {
        World world = new World(1);
        world.settle();
        assertThat(world.allFounded()).isTrue();
        assertThat(world.completed).hasSize(1);
        for (Host host : world.hosts) {
            Founding founding = host.disk.founding();
            assertThat(founding.complete()).isTrue();
            assertThat(founding.initial().voters())
                    .isEqualTo(world.hosts.stream().map(h -> h.id).toList());
        }
    }

    @Test
    void oneHostFoundsItsGroupAlone() {
        World world = new World(1);
        world.hosts.clear();
        world.network.clear();
        Host alone = new Host(world, NodeId.of("n1"), nodes("n1"));
        world.hosts.add(alone);
        world.settle();
        assertThat(alone.core.role()).isNotEqualTo(Role.FOUNDING);
        assertThat(alone.disk.founding().complete()).isTrue();
    }

    @Test
    void twoOfThreeFoundNothing() {
        World world = new World(1);
        world.hosts.get(1).crash();
        world.network.clear();
        world.settle();
        assertThat(world.hosts.get(0).core.role()).isEqualTo(Role.FOUNDING);
        assertThat(world.hosts.get(2).core.role()).isEqualTo(Role.FOUNDING);
        assertThat(world.hosts.get(0).disk.founding()).isNull();
        world.hosts.get(1).start();
        world.settle();
        assertThat(world.allFounded()).isTrue();
    }

    @Test
    void aWipedHostHasAmnesiaAndFollowsAsAnOutsider() {
        World world = new World(1);
        world.settle();
        Host wiped = world.hosts.get(2);
        ReplicaId former = wiped.id;
        wiped.crash();
        wiped.wipe();
        wiped.start();
        world.settle();
        assertThat(wiped.core.fault()).isNull();
        assertThat(wiped.warning.code()).isEqualTo(Fault.Code.AMNESIA);
        assertThat(wiped.warning.message())
                .contains(former.toString())
                .contains(wiped.id.toString())
                .contains("replace the node");
        assertThat(wiped.disk.founding()).isEqualTo(world.hosts.get(0).disk.founding());
        assertThat(wiped.core.membership().contains(wiped.id)).isFalse();
        assertNeverCampaigns(wiped);
    }

    private static void assertNeverCampaigns(Host host) {
        for (int i = 0; i < 50; i++) {
            host.world.now += OPTIONS.electionTimeout().toNanos();
            host.step(Event.Wake.INSTANCE);
        }
        assertThat(host.core.role()).isEqualTo(Role.FOLLOWER);
    }

    @Test
    void twoWipedHostsOfThreeFoundNothingWhicheverTheyAre() {
        for (int kept = 0; kept < 3; kept++) {
            World world = new World(1);
            world.settle();
            for (int i = 0; i < 3; i++) {
                if (i != kept) {
                    world.hosts.get(i).crash();
                    world.hosts.get(i).wipe();
                    world.hosts.get(i).start();
                }
            }
            world.settle();
            for (int i = 0; i < 3; i++) {
                if (i != kept) {
                    assertThat(world.hosts.get(i).warning.code()).isEqualTo(Fault.Code.AMNESIA);
                    assertNeverCampaigns(world.hosts.get(i));
                }
            }
            assertThat(world.completed).hasSize(1);
        }
    }

    @Test
    void aHostThatIsNoFounderFollowsAsAnOutsiderAndSaysSoAgainAndAgain() {
        World world = new World(1);
        world.settle();
        Host late = new Host(world, NodeId.of("n4"), nodes("n1", "n2", "n3", "n4"));
        world.hosts.add(late);
        world.settle();
        assertThat(late.core.fault()).isNull();
        assertThat(late.warning).isNull();
        assertThat(late.disk.founding()).isEqualTo(world.hosts.get(0).disk.founding());
        assertNeverCampaigns(late);
        late.syncAll();
        world.network.clear();
        world.now += 2 * OPTIONS.electionTimeout().toNanos();
        late.step(Event.Wake.INSTANCE);
        assertThat(world.network.stream().map(Flight::to))
                .containsExactlyElementsOf(nodes("n1", "n2", "n3"));
        world.settle();
        Host member = world.hosts.get(1);
        assertThat(member.core.outsiders.on(late.node, member.core.membership()))
                .isEqualTo(late.id);
    }

    @Test
    void aHostThatIsNoFounderFoundsNothingAndDisturbsNoFounding() {
        World world = new World(1);
        world.network.clear();
        Host late = new Host(world, NodeId.of("n0"), nodes("n1", "n2", "n3"));
        world.hosts.add(0, late);
        world.settle();
        assertThat(world.completed).hasSize(1);
        for (Host host : world.hosts) {
            assertThat(host.core.role()).isNotIn(Role.FOUNDING, Role.HALTED);
            assertThat(host.disk.founding().initial().on(late.node)).isNull();
        }
    }

    @Test
    void aWipedHostOfAFoundingThatIsNotCompleteWaitsAndSaysWhy() {
        World world = new World(1);
        Founding incomplete =
                new Founding(
                        new UUID(5, 5),
                        Membership.ofVoters(
                                world.hosts.stream()
                                        .map(h -> new ReplicaId(h.node, new UUID(9, 9)))
                                        .toList()),
                        false);
        Host wiped = world.hosts.get(1);
        FoundingState told = new FoundingState(wiped.initial, incomplete, true);
        wiped.step(new Event.Received(incomplete.initial().voters().get(0), told));
        assertThat(wiped.core.role()).isEqualTo(Role.FOUNDING);
        assertThat(wiped.disk.founding()).isNull();
        assertThat(wiped.warning.code()).isEqualTo(Fault.Code.AMNESIA);
    }

    @Test
    void twoWipedHostsThatHearAnOldMessageOfTheThirdCompleteNothing() {
        World world = new World(1);
        List<Flight> old = new ArrayList<>(world.network); // before anybody held a list
        world.settle();
        for (int i = 0; i < 2; i++) {
            world.hosts.get(i).crash();
            world.hosts.get(i).wipe();
            world.hosts.get(i).start();
        }
        old.stream()
                .filter(f -> f.from().node().equals(NodeId.of("n3")))
                .forEach(world.network::add);
        world.settle();
        assertThat(world.completed).hasSize(1);
        assertThat(world.hosts.get(0).core.role()).isEqualTo(Role.HALTED);
    }

    @Test
    void aDirectoryFromBeforeTheFoundingIsSeenToBeReverted() {
        World world = new World(1);
        world.settle();
        Host reverted = world.hosts.get(1);
        reverted.crash();
        reverted.disk = new SimDisk(null, HardState.INITIAL, List.of());
        reverted.start();
        world.settle();
        assertThat(reverted.fault()).isEqualTo(Fault.Code.LOG_REVERTED);
        assertThat(reverted.core.fault().message()).contains("n2/").contains("older copy");
    }

    @Test
    void foundersThatAreToldOtherFoundersStop() {
        World world = new World(1);
        world.hosts.remove(2);
        world.network.clear();
        world.hosts.add(new Host(world, NodeId.of("n3"), nodes("n1", "n3")));
        world.settle();
        assertThat(world.hosts.get(0).fault()).isEqualTo(Fault.Code.FOUNDING_MISMATCH);
        assertThat(world.hosts.get(0).core.fault().message())
                .contains("the founders are [n1, n3]")
                .contains("Give all founders the same peers");
    }

    @Test
    void theOrderInWhichNodesAreNamedIsNoDifference() {
        World world = new World(1);
        world.hosts.remove(2);
        world.network.clear();
        world.hosts.add(new Host(world, NodeId.of("n3"), nodes("n3", "n1", "n2")));
        world.settle();
        assertThat(world.allFounded()).isTrue();
    }

    @Test
    void nobodyVotesOrCampaignsBefore() {
        World world = new World(1);
        Host host = world.hosts.get(0);
        host.step(new Event.Received(world.hosts.get(1).id, new RequestVote(7, LogPosition.ZERO)));
        for (int i = 0; i < 50; i++) {
            world.now += OPTIONS.electionTimeout().toNanos();
            host.step(Event.Wake.INSTANCE);
        }
        assertThat(host.core.term()).isZero();
        assertThat(host.core.role()).isEqualTo(Role.FOUNDING);
    }

    /**
     * Every way to crash one host, at every moment of an otherwise fair run, leaves a group that is
     * founded once.
     */
    @Test
    void aRestartBetweenAnyTwoStepsStillCompletes() {
        for (int victim = 0; victim < 3; victim++) {
            for (int moment = 0; moment < 60; moment++) {
                World world = new World(moment);
                world.passRound();
                for (int step = 0; step < 60; step++) {
                    if (step == moment) {
                        world.hosts.get(victim).crash();
                        world.hosts.get(victim).start();
                    }
                    if (step % 3 == 0) {
                        world.hosts.get(step / 3 % 3).syncAll();
                    } else if (!world.network.isEmpty()) {
                        world.deliver(0, false);
                    }
                }
                world.settle();
                assertThat(world.allFounded()).as("victim %s at %s", victim, moment).isTrue();
                assertThat(world.completed).hasSize(1);
            }
        }
    }

    @Test
    void anyOrderOfMessagesSyncsAndCrashesFoundsOnce() {
        int crashes = 0;
        for (long seed = 1; seed <= 1_500; seed++) {
            World world = new World(seed);
            SplittableRandom random = world.random;
            for (int step = 0; step < 80; step++) {
                Host host = world.hosts.get(random.nextInt(3));
                switch (random.nextInt(10)) {
                    case 0 -> {
                        if (host.core != null && random.nextInt(3) == 0) {
                            host.crash();
                            crashes++;
                        }
                    }
                    case 1, 2 -> {
                        if (host.core == null) {
                            host.start();
                        } else {
                            world.passRound();
                        }
                    }
                    case 3, 4 -> {
                        if (host.core != null && host.hasUnsynced()) {
                            host.sync();
                        }
                    }
                    case 5 -> {
                        if (!world.network.isEmpty()) {
                            world.network.remove(random.nextInt(world.network.size()));
                        }
                    }
                    default -> {
                        if (!world.network.isEmpty()) {
                            world.deliver(
                                    random.nextInt(world.network.size()), random.nextInt(4) == 0);
                        }
                    }
                }
                assertThat(world.completed).as("seed %s", seed).hasSizeLessThanOrEqualTo(1);
            }
            for (Host host : world.hosts) {
                if (host.core == null) {
                    host.start();
                }
                assertThat(host.core.fault()).as("seed %s", seed).isNull();
            }
            world.settle();
            assertThat(world.allFounded())
                    .as("all founded, seed %s: %s", seed, Arrays.asList(world.completed))
                    .isTrue();
            assertThat(world.completed).as("seed %s", seed).hasSize(1);
        }
        assertThat(crashes).isGreaterThan(1_000);
    }

    @Test
    void wipesAtAnyMomentNeverFoundTwice() {
        int amnesias = 0;
        for (long seed = 1; seed <= 1_500; seed++) {
            World world = new World(seed);
            SplittableRandom random = world.random;
            for (int step = 0; step < 120; step++) {
                Host host = world.hosts.get(random.nextInt(3));
                if (random.nextInt(25) == 0 && host.core != null) {
                    host.crash();
                    if (random.nextBoolean()) {
                        host.wipe();
                    }
                } else if (host.core == null) {
                    host.start();
                } else if (host.core.role() == Role.HALTED) {
                    break;
                } else if (host.hasUnsynced()) {
                    host.sync();
                } else if (random.nextInt(8) == 0 || world.network.isEmpty()) {
                    world.passRound();
                } else {
                    world.deliver(random.nextInt(world.network.size()), random.nextInt(4) == 0);
                }
                assertThat(world.completed).as("seed %s", seed).hasSizeLessThanOrEqualTo(1);
            }
            for (Host host : world.hosts) {
                amnesias += host.warning != null ? 1 : 0;
            }
        }
        assertThat(amnesias).isPositive();
    }
}
