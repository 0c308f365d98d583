package dev.lockstep.raft.testkit;

import dev.lockstep.raft.testkit.disk.DiskLatency;
import dev.lockstep.raft.testkit.net.NetworkFaults;
import dev.lockstep.raft.testkit.sim.SchedulingDelays;
import dev.lockstep.raft.testkit.sim.SeededRandom;

/**
 * What goes wrong in one run, and how often. Each seed has some kinds of faults and not others, so
 * that runs differ in kind (swarm testing): a fault that is always there hides what its absence
 * would show.
 *
 * @param nodes how many hosts
 * @param network how bad the network is
 * @param scheduling how busy the machines are
 * @param disk how slow the disks are
 * @param killSeconds the mean time from one kill of a process to the next, in the whole cluster; 0
 *     for never. So for all means
 * @param powerLossSeconds of a machine
 * @param blackoutSeconds of all machines at once
 * @param diskCrashSeconds of a process, at some I/O operation soon after
 * @param failedSyncSeconds of a disk, for one sync
 * @param pauseSeconds of a process, as by SIGSTOP or a long collection of garbage
 * @param partitionSeconds of the network, into two sides
 * @param oneWaySeconds of one link, in one direction
 * @param disconnectSeconds of one connection
 * @param clockJumpSeconds of one wall clock
 * @param maxDriftPpm how much too fast or slow a monotonic clock may be
 * @param lendsLoop whether the transport lends its loop, as the production one does
 * @param namesKeptInOrder whether disks journal their directories
 */
public record FaultPlan(
        int nodes,
        NetworkFaults network,
        SchedulingDelays scheduling,
        DiskLatency disk,
        double killSeconds,
        double powerLossSeconds,
        double blackoutSeconds,
        double diskCrashSeconds,
        double failedSyncSeconds,
        double pauseSeconds,
        double partitionSeconds,
        double oneWaySeconds,
        double disconnectSeconds,
        double clockJumpSeconds,
        long maxDriftPpm,
        boolean lendsLoop,
        boolean namesKeptInOrder) {
    private static final long MILLI = 1_000_000;

    /** Nothing goes wrong. */
    public static FaultPlan none(int nodes) {
        return new FaultPlan(
                nodes,
                NetworkFaults.NONE,
                SchedulingDelays.CALM,
                DiskLatency.FAST,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                true,
                true);
    }

    /** The plan that belongs to a seed. */
    public static FaultPlan of(SeededRandom seed) {
        SeededRandom random = seed.fork("plan");
        return new FaultPlan(
                random.chance(0.7) ? 3 : 5,
                network(random),
                random.chance(0.5) ? SchedulingDelays.CALM : SchedulingDelays.LOADED,
                disk(random),
                mean(random, 2, 15),
                mean(random, 3, 20),
                mean(random, 10, 40),
                mean(random, 2, 15),
                mean(random, 5, 30),
                mean(random, 2, 15),
                mean(random, 2, 15),
                mean(random, 2, 15),
                mean(random, 1, 10),
                mean(random, 1, 10),
                random.chance(0.5) ? 0 : 1_000,
                random.chance(0.7),
                random.chance(0.7));
    }

    private static NetworkFaults network(SeededRandom random) {
        return new NetworkFaults(
                50_000,
                random.chance(0.7) ? MILLI : 40 * MILLI,
                random.chance(0.5) ? 0 : random.nextDouble() * 0.15,
                random.chance(0.5) ? 0 : random.nextDouble() * 0.15,
                random.chance(0.5) ? 0 : random.nextDouble() * 0.3,
                (1 + random.nextLong(1_000)) * MILLI,
                random.chance(0.3));
    }

    private static DiskLatency disk(SeededRandom random) {
        if (random.chance(0.5)) {
            return DiskLatency.FAST;
        }
        return new DiskLatency(
                10_000, 200_000, 20 * MILLI, random.chance(0.5) ? 0 : 0.01, 800 * MILLI);
    }

    /** Never, or once in a time between those bounds on average. */
    private static double mean(SeededRandom random, double least, double most) {
        return random.chance(0.5) ? 0 : least + random.nextDouble() * (most - least);
    }
}
