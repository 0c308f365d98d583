package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.testkit.disk.DiskLatency;
import dev.lockstep.raft.testkit.net.NetworkFaults;
import dev.lockstep.raft.testkit.sim.SchedulingDelays;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The world of one run: what goes wrong in it and how often, and how large or small everything is.
 * Each seed has some kinds of faults and not others, so that runs differ in kind (swarm testing): a
 * fault that is always there hides what its absence would show.
 *
 * @param nodes how many hosts
 * @param witness which of them, from 1, is a witness; 0 for none
 * @param spares how many more hosts there are, that have never run and may come to the group later
 * @param network how bad the network is
 * @param scheduling how busy the machines are
 * @param disk how slow the disks are
 * @param meanSeconds the mean time from one fault of a kind to the next, in the whole cluster; a
 *     kind that is missing never happens
 * @param maxDriftPpm how much too fast or slow a monotonic clock may be
 * @param lendsLoop whether the transport lends its loop, as the production one does
 * @param namesKeptInOrder whether disks journal their directories
 * @param copyOnWrite whether full disks refuse to write again what was written before, too
 * @param wireCodec whether each message goes through the production codec
 * @param upgrades whether hosts change between this version of the wire format and the next when
 *     they restart
 * @param ownState whether state machines keep their state durably themselves
 * @param traffic what clients do
 * @param options of the group, on every host
 */
public record FaultPlan(
        int nodes,
        int witness,
        int spares,
        NetworkFaults network,
        SchedulingDelays scheduling,
        DiskLatency disk,
        Map<FaultKind, Double> meanSeconds,
        long maxDriftPpm,
        boolean lendsLoop,
        boolean namesKeptInOrder,
        boolean copyOnWrite,
        boolean wireCodec,
        boolean upgrades,
        boolean ownState,
        Traffic traffic,
        RaftOptions options) {
    private static final long MILLI = 1_000_000;
    private static final int MAX_DRIFT_PPM = 1_000;
    private static final int MAX_SPARES = 2;

    public FaultPlan {
        meanSeconds = meanSeconds.isEmpty() ? Map.of() : new EnumMap<>(meanSeconds);
    }

    /** Nothing goes wrong. */
    public static FaultPlan none(int nodes) {
        return new FaultPlan(
                nodes,
                0,
                0,
                NetworkFaults.NONE,
                SchedulingDelays.CALM,
                DiskLatency.FAST,
                Map.of(),
                0,
                true,
                true,
                false,
                true,
                false,
                false,
                Traffic.BUSY,
                options(500).build());
    }

    /** The plan that belongs to a seed. */
    public static FaultPlan of(SeededRandom seed) {
        SeededRandom random = seed.fork("plan");
        int odd = random.chance(0.7) ? 3 : 5;
        FaultPlan plan = of(random.chance(0.2) ? odd - 1 : odd, seed);
        return plan.nodes > 2 && random.chance(0.3)
                ? plan.withWitness(1 + random.nextInt(plan.nodes))
                : plan;
    }

    /** The plan that belongs to a seed, for so many hosts. */
    public static FaultPlan of(int nodes, SeededRandom seed) {
        SeededRandom random = seed.fork("world");
        SeededRandom ofHosts = seed.fork("hosts that come and go");
        int spares = ofHosts.chance(0.4) ? 1 + ofHosts.nextInt(MAX_SPARES) : 0;
        FaultPlan plan =
                new FaultPlan(
                        nodes,
                        0,
                        spares,
                        network(random),
                        random.chance(0.7) ? SchedulingDelays.CALM : SchedulingDelays.LOADED,
                        disk(random),
                        faults(random, ofHosts, spares),
                        random.chance(0.5) ? 0 : MAX_DRIFT_PPM,
                        random.chance(0.7),
                        random.chance(0.7),
                        seed.fork("copy on write").chance(0.2),
                        random.chance(0.3),
                        seed.fork("upgrades").chance(0.5),
                        seed.fork("own state").chance(0.3),
                        traffic(random, seed.fork("sessions")),
                        options(random));
        return plan.sleeping(seed.fork("sleep"));
    }

    /** The same world with other faults. */
    public FaultPlan withFaults(Map<FaultKind, Double> meanSecondsOfEach) {
        return new FaultPlan(
                nodes,
                witness,
                spares,
                network,
                scheduling,
                disk,
                meanSecondsOfEach,
                maxDriftPpm,
                lendsLoop,
                namesKeptInOrder,
                copyOnWrite,
                wireCodec,
                upgrades,
                ownState,
                traffic,
                options);
    }

    /** The same world, in which that host, from 1, is a witness. */
    public FaultPlan withWitness(int number) {
        return with(number, ownState, traffic, options);
    }

    /** The same world, in which all state machines keep their state durably themselves. */
    public FaultPlan withOwnState() {
        return with(witness, true, traffic, options);
    }

    private FaultPlan with(
            int newWitness, boolean newOwnState, Traffic newTraffic, RaftOptions newOptions) {
        return new FaultPlan(
                nodes,
                newWitness,
                spares,
                network,
                scheduling,
                disk,
                meanSeconds,
                maxDriftPpm,
                lendsLoop,
                namesKeptInOrder,
                copyOnWrite,
                wireCodec,
                upgrades,
                newOwnState,
                newTraffic,
                newOptions);
    }

    private static NetworkFaults network(SeededRandom random) {
        return new NetworkFaults(
                50_000,
                random.chance(0.7) ? MILLI : 40 * MILLI,
                random.chance(0.5) ? 0 : random.nextDouble() * 0.15,
                random.chance(0.5) ? 0 : random.nextDouble() * 0.15,
                random.chance(0.5) ? 0 : random.nextDouble() * 0.3,
                (1 + random.nextLong(1_000)) * MILLI,
                random.chance(0.3),
                random.chance(0.7) ? 0 : 0.1);
    }

    private static DiskLatency disk(SeededRandom random) {
        if (random.chance(0.5)) {
            return DiskLatency.FAST;
        }
        return new DiskLatency(
                random.chance(0.5) ? 10_000 : 5 * MILLI,
                200_000,
                20 * MILLI,
                random.chance(0.5) ? 0 : 0.01,
                800 * MILLI);
    }

    private static Map<FaultKind, Double> faults(
            SeededRandom random, SeededRandom ofHosts, int spares) {
        Map<FaultKind, Double> mean = new EnumMap<>(FaultKind.class);
        for (FaultKind kind : FaultKind.values()) {
            SeededRandom dice = kind.changesHosts() ? ofHosts : random;
            double seconds =
                    kind.leastMeanSeconds()
                            + dice.nextDouble()
                                    * (kind.mostMeanSeconds() - kind.leastMeanSeconds());
            if (dice.chance(kind.chance()) && (kind != FaultKind.SPARE_HOST || spares > 0)) {
                mean.put(kind, seconds);
            }
        }
        return mean;
    }

    /** Mostly quiet, since then more virtual time, and so more faults, fit into a second. */
    private static Traffic traffic(SeededRandom random, SeededRandom ofSessions) {
        return new Traffic(
                3 + random.nextInt(4),
                random.nextInt(3),
                ofSessions.chance(0.5) ? 1 : 2 + ofSessions.nextInt(3),
                random.pick(List.of(60L, 300L, 600L, 1_000L)) * MILLI,
                random.pick(List.of(3, 10, 40)));
    }

    /** Small, so that reading back from disk, probing, waiting and refusal happen, too. */
    private static RaftOptions options(SeededRandom random) {
        RaftOptions small =
                options(random.pick(List.of(300, 500, 1_000, 1_000)))
                        .cacheBytes(random.pick(List.of(0, 500, 8 << 10, 1 << 20)))
                        .maxAppendBytes(random.pick(List.of(100, 1 << 10, 64 << 10)))
                        .maxInflightMessages(random.pick(List.of(1, 4, 64)))
                        .maxUncommittedBytes(random.pick(List.of(2 << 10, 1 << 20)))
                        .maxApplyingBytes(random.pick(List.of(1 << 10, 1 << 20)))
                        .snapshotBytes(random.pick(List.of(1 << 10, 4 << 10, 16 << 10, 64 << 20)))
                        .keptLogBytes(random.pick(List.of(0, 1 << 10, 8 << 10)))
                        .snapshotChunkBytes(random.pick(List.of(256, 1 << 20)))
                        .snapshotsFromFollowers(random.nextBoolean())
                        .leaseReads(random.nextBoolean())
                        .clockDriftPpm(MAX_DRIFT_PPM)
                        .maxUnappliedBytes(random.pick(List.of(2 << 10, 1 << 20)))
                        .build();
        // One small entry a round trip is less than clients write: a follower behind a slow link
        // would never catch up, nor answer a read (seed 674).
        boolean isTooSlow = small.maxAppendBytes() == 100 && small.maxInflightMessages() == 1;
        return isTooSlow ? small.with().maxInflightMessages(4).build() : small;
    }

    /**
     * In a third of the worlds groups sleep as soon as they may, and clients leave them time to.
     */
    private FaultPlan sleeping(SeededRandom random) {
        if (random.nextInt(3) != 0) {
            return this;
        }
        Duration timeout = options.electionTimeout();
        Traffic quiet = traffic.thinking(20 * timeout.toNanos());
        RaftOptions sleepy = options.with().sleepAfter(timeout.multipliedBy(2)).build();
        return with(witness, ownState, quiet, sleepy);
    }

    private static RaftOptions.Builder options(int electionMillis) {
        return RaftOptions.defaults()
                .with()
                .electionTimeout(Duration.ofMillis(electionMillis))
                .proposalTimeout(Duration.ofSeconds(3))
                // Short and often, so that sessions expire and states are compared, too.
                .sessionTimeout(Duration.ofSeconds(5))
                .maxSessionAnswers(4)
                .compareStateEvery(50)
                .cacheBytes(8 << 10)
                .maxAppendBytes(1 << 10)
                .maxInflightMessages(4);
    }
}
