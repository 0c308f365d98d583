package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.testkit.check.LinearizabilityChecker;
import dev.lockstep.raft.testkit.check.Operation;
import dev.lockstep.raft.testkit.check.RegisterModel;
import dev.lockstep.raft.testkit.check.Verdict;
import dev.lockstep.raft.testkit.net.NetworkFigures;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.SimulationError;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * One run of a whole cluster in one thread and virtual time: the production runtime and the
 * production write-ahead log on simulated disks, clocks and network, under the faults of a {@link
 * FaultPlan}. First everything goes wrong; then all is mended, and the cluster must make progress
 * within a bound; then the clients' history and the replicas are checked.
 */
public final class RaftSimulation {
    private static final long SECOND = 1_000_000_000L;
    private static final long CALM_START_NANOS = 5 * SECOND;
    private static final long FAULTS_NANOS = 40 * SECOND;

    /**
     * Once everything works: a connection is missed by its keepalive (3 s) and dialled again, a
     * leader is elected and who is behind catches up.
     */
    private static final long RECOVERY_NANOS = 20 * SECOND;

    private final long seed;
    private final FaultPlan plan;
    private int keptEvents = 60;

    /** The run that belongs to a seed. */
    public RaftSimulation(long seed) {
        this(seed, FaultPlan.of(new SeededRandom(seed)));
    }

    /** A run with faults of one's own choice, the luck of which comes from the seed. */
    public RaftSimulation(long seed, FaultPlan plan) {
        this.seed = seed;
        this.plan = plan;
    }

    /** How many of the last events are told in case of a failure; 60 unless set. */
    public RaftSimulation keepEvents(int events) {
        keptEvents = events;
        return this;
    }

    /**
     * Runs it.
     *
     * @throws SimulationFailure when a promise is broken
     */
    public SimulationReport run() {
        long begin = System.nanoTime();
        VirtualTime time = new VirtualTime(seed);
        time.recent().keep(keptEvents);
        SimulatedCluster cluster = new SimulatedCluster(time, plan);
        Workload workload = new Workload(cluster);
        Nemesis nemesis = new Nemesis(cluster);
        try {
            go(cluster, workload, nemesis);
            check(cluster, workload);
        } catch (RuntimeException | AssertionError error) {
            throw new SimulationFailure(seed, plan, time.recent().toString(), error);
        }
        NetworkFigures messages = cluster.network().figures();
        return new SimulationReport(
                seed,
                plan.nodes(),
                time.now(),
                System.nanoTime() - begin,
                time.trace().events(),
                cluster.safety().elections(),
                nemesis.counts(),
                messages.sent(),
                messages.dropped(),
                workload.count(Operation.Outcome.OK),
                workload.count(Operation.Outcome.UNKNOWN),
                workload.count(Operation.Outcome.FAILED),
                time.trace().value());
    }

    private static void go(SimulatedCluster cluster, Workload workload, Nemesis nemesis) {
        VirtualTime time = cluster.time();
        cluster.machines()
                .forEach(
                        machine -> {
                            long delay = time.random().fork("boot " + machine.node()).nextInt();
                            time.after(Math.abs(delay), "boot", machine::boot);
                        });
        workload.start();
        time.runFor(CALM_START_NANOS);
        nemesis.start();
        time.runFor(FAULTS_NANOS);
        nemesis.stop();
        recover(cluster, workload);
    }

    /**
     * Every machine must take a write and a read, everything asked must end, and all be applied.
     */
    private static void recover(SimulatedCluster cluster, Workload workload) {
        VirtualTime time = cluster.time();
        time.runFor(RECOVERY_NANOS / 2);
        workload.stop();
        List<NodeId> nodes = cluster.nodes();
        boolean quiet =
                time.runUntil(
                        () ->
                                workload.waiting().isEmpty()
                                        && cluster.safety()
                                                .allApplied(SimulatedCluster.GROUP, nodes),
                        RECOVERY_NANOS / 2);
        require(
                quiet,
                "no rest within "
                        + RECOVERY_NANOS / SECOND
                        + " s after everything was mended: waiting for "
                        + workload.waiting()
                        + ", status "
                        + status(cluster));
        Probe probe = new Probe(cluster);
        require(
                time.runUntil(probe::answered, RECOVERY_NANOS / 2),
                "no answer to " + probe.unanswered() + ", status " + status(cluster));
        require(
                time.runUntil(
                        () -> cluster.safety().allApplied(SimulatedCluster.GROUP, nodes),
                        RECOVERY_NANOS / 2),
                "not applied everywhere, status " + status(cluster));
    }

    private void check(SimulatedCluster cluster, Workload workload) {
        cluster.safety().requireApplied(SimulatedCluster.GROUP, workload.acknowledgedCommands());
        workload.weakReads().check(cluster.safety().commands(SimulatedCluster.GROUP));
        Collection<Map<String, Long>> states =
                cluster.machines().stream().map(m -> m.registers().registers()).toList();
        require(states.stream().distinct().count() == 1, "the replicas differ: " + states);
        Verdict verdict =
                new LinearizabilityChecker<>(new RegisterModel())
                        .check(workload.history().operations());
        require(verdict.isLinearizable(), verdict.kind() + ": " + verdict.explanation());
    }

    private static List<String> status(SimulatedCluster cluster) {
        return cluster.machines().stream()
                .map(m -> m.node() + " " + (m.group() == null ? "down" : m.group().status()))
                .toList();
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new SimulationError(otherwise);
        }
    }
}
