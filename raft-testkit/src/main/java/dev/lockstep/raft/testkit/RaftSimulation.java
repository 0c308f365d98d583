package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.testkit.check.Operation;
import dev.lockstep.raft.testkit.check.Verdict;
import dev.lockstep.raft.testkit.net.NetworkFigures;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.SimulationError;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One run of a whole cluster in one thread and virtual time: the production runtime and the
 * production write-ahead log on simulated disks, clocks and network, under the faults of a {@link
 * FaultPlan}. First everything goes wrong. Then a majority is mended and the rest left broken, and
 * that majority must make progress within a bound. Then all is mended, and all that aren't lost
 * must catch up; then the clients' history and the replicas are checked.
 */
public final class RaftSimulation {
    private static final long SECOND = 1_000_000_000L;
    private static final long MILLI = 1_000_000L;
    private static final long CALM_START_NANOS = 5 * SECOND;
    private static final long FAULTS_NANOS = 60 * SECOND;

    /**
     * Once a majority works: a connection is missed by its keepalive (3 s) and dialled again, and a
     * leader is elected.
     */
    private static final long PROGRESS_NANOS = 15 * SECOND;

    /** As before, and who is behind catches up. */
    private static final long RECOVERY_NANOS = 20 * SECOND;

    /** How often a condition is looked at that takes long to find out. */
    private static final long LOOK_NANOS = 20 * MILLI;

    private final long seed;
    private final FaultPlan plan;
    private final Supplier<? extends Application<?, ?>> application;
    private final String replay;
    private @Nullable Set<Integer> only;
    private int keptEvents = 60;

    /** The run that belongs to a seed. */
    public RaftSimulation(long seed) {
        this(seed, FaultPlan.of(new SeededRandom(seed)));
    }

    /** A run with faults of one's own choice, the luck of which comes from the seed. */
    public RaftSimulation(long seed, FaultPlan plan) {
        this(seed, plan, Registers::new, "raft-testkit/simulate --seeds 1 --from " + seed);
    }

    /**
     * @param replay how to repeat it
     */
    RaftSimulation(
            long seed,
            FaultPlan plan,
            Supplier<? extends Application<?, ?>> application,
            String replay) {
        this.seed = seed;
        this.plan = plan;
        this.application = application;
        this.replay = replay;
    }

    /**
     * Runs of an application's own state machine, for its tests:
     *
     * <pre>{@code
     * RaftSimulation.of(Bank::new)
     *         .commands(random -> Bank.transfer(random.nextInt(9), random.nextInt(9), 5))
     *         .questions(random -> Bank.balance(random.nextInt(9)))
     *         .run(seed);
     * }</pre>
     *
     * @param machine makes one in its first state, for each start of each replica
     */
    public static SimulationOf of(Supplier<? extends StateMachine> machine) {
        return new SimulationOf(machine);
    }

    /** How many of the last events are told in case of a failure; 60 unless set. */
    public RaftSimulation keepEvents(int events) {
        keptEvents = events;
        return this;
    }

    /** Does only the actions of those numbers, out of all that the seed means. */
    public RaftSimulation only(Set<Integer> numbers) {
        only = Set.copyOf(numbers);
        return this;
    }

    /** How to repeat this run, or a part of it. */
    String replay() {
        return replay;
    }

    /** What this run does to its cluster, in order. */
    List<FaultAction> actions() {
        List<FaultAction> all =
                FaultAction.drawn(
                        plan,
                        new SeededRandom(seed),
                        CALM_START_NANOS,
                        CALM_START_NANOS + FAULTS_NANOS);
        Set<Integer> kept = only;
        return kept == null
                ? all
                : all.stream().filter(action -> kept.contains(action.number())).toList();
    }

    /**
     * Runs it.
     *
     * @throws SimulationFailure when a promise is broken
     */
    public SimulationReport run() {
        return run(application.get());
    }

    private <I, O> SimulationReport run(Application<I, O> replicated) {
        long begin = System.nanoTime();
        long cpuBegin = cpuNanos();
        VirtualTime time = new VirtualTime(seed);
        time.recent().keep(keptEvents);
        SimulatedCluster cluster = new SimulatedCluster(time, plan, replicated::machine);
        Workload<I, O> workload = new Workload<>(cluster, replicated);
        Nemesis nemesis = new Nemesis(cluster, workload);
        MessageWatch watch = new MessageWatch(time.sometimes());
        cluster.network().watch(watch);
        List<FaultAction> actions = actions();
        try {
            go(cluster, workload, nemesis, actions);
            check(cluster, workload);
        } catch (RuntimeException | AssertionError error) {
            throw new SimulationFailure(
                    seed, replay, plan, actions, time.recent().toString(), error);
        }
        NetworkFigures messages = cluster.network().figures();
        return new SimulationReport(
                seed,
                plan.nodes(),
                time.now(),
                System.nanoTime() - begin,
                cpuNanos() - cpuBegin,
                time.trace().events(),
                cluster.safety().elections(),
                nemesis.counts(),
                time.sometimes().counts(),
                messages.sent(),
                messages.dropped(),
                workload.history().count(Operation.Outcome.OK),
                workload.history().count(Operation.Outcome.UNKNOWN),
                workload.history().count(Operation.Outcome.FAILED),
                time.trace().value());
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static void go(
            SimulatedCluster cluster,
            Workload<?, ?> workload,
            Nemesis nemesis,
            List<FaultAction> actions) {
        VirtualTime time = cluster.time();
        for (SimulatedMachine machine : cluster.machines()) {
            SeededRandom random = time.random().fork("boot " + machine.node());
            time.after(random.nextLong(2 * SECOND), "boot", machine::boot);
        }
        workload.start();
        nemesis.start(actions);
        time.runFor(CALM_START_NANOS + FAULTS_NANOS);
        progress(cluster, workload, nemesis.leaveMinorityBroken());
        nemesis.mendAll();
        recover(cluster, workload, nemesis);
    }

    /** Every machine of a majority must get something done, whatever is wrong with the others. */
    private static void progress(
            SimulatedCluster cluster, Workload<?, ?> workload, List<SimulatedMachine> majority) {
        Probe<?, ?> probe = Probe.untilDone(workload, majority);
        require(
                within(cluster, probe::answered, PROGRESS_NANOS),
                () ->
                        "no progress of a majority within "
                                + PROGRESS_NANOS / SECOND
                                + " s: waiting for "
                                + probe.unanswered()
                                + ", status "
                                + status(cluster));
    }

    /**
     * Every machine must take a write and a read, everything asked must end, and all be applied.
     */
    private static void recover(
            SimulatedCluster cluster, Workload<?, ?> workload, Nemesis nemesis) {
        cluster.time().runFor(RECOVERY_NANOS / 4);
        workload.stop();
        require(
                within(
                        cluster,
                        () -> !workload.waits() && allApplied(cluster) && nemesis.areAllBack(),
                        RECOVERY_NANOS * 3 / 4),
                () ->
                        "no rest within "
                                + RECOVERY_NANOS / SECOND
                                + " s after everything was mended: waiting for "
                                + workload.waiting()
                                + ", status "
                                + status(cluster));
        Probe<?, ?> probe = Probe.once(workload, cluster.alive());
        require(
                within(cluster, probe::answered, RECOVERY_NANOS / 2),
                () -> "no answer to " + probe.unanswered() + ", status " + status(cluster));
        require(
                within(cluster, () -> allApplied(cluster), RECOVERY_NANOS / 2),
                () -> "not applied everywhere, status " + status(cluster));
    }

    private static boolean allApplied(SimulatedCluster cluster) {
        List<NodeId> nodes = cluster.aliveWithState().stream().map(SimulatedMachine::node).toList();
        return cluster.safety().allApplied(SimulatedCluster.GROUP, nodes);
    }

    private static boolean within(SimulatedCluster cluster, BooleanSupplier done, long nanos) {
        VirtualTime time = cluster.time();
        long end = time.now() + nanos;
        while (!done.getAsBoolean()) {
            if (time.now() >= end) {
                return false;
            }
            time.runFor(LOOK_NANOS);
        }
        return true;
    }

    private static <I, O> void check(SimulatedCluster cluster, Workload<I, O> workload) {
        GroupId group = SimulatedCluster.GROUP;
        List<Command> commands = cluster.safety().commands(group);
        checkCounts(commands, workload.commands());
        checkStates(cluster, workload.application(), commands);
        workload.answers().check(commands, workload.application().machine());
        Verdict verdict = workload.application().check(workload.history().operations());
        require(verdict.isLinearizable(), () -> verdict.kind() + ": " + verdict.explanation());
    }

    /**
     * Nothing that was acknowledged is lost, and nothing is applied more often than it was asked.
     */
    private static void checkCounts(List<Command> commands, Map<Payload, Workload.Tally> asked) {
        Map<Payload, Integer> applied = new HashMap<>();
        commands.forEach(command -> applied.merge(command.payload(), 1, Integer::sum));
        for (Map.Entry<Payload, Workload.Tally> each : asked.entrySet()) {
            int times = applied.getOrDefault(each.getKey(), 0);
            Workload.Tally tally = each.getValue();
            require(
                    times >= tally.done && times <= tally.maybeDone,
                    () ->
                            "the command "
                                    + each.getKey()
                                    + " was acknowledged "
                                    + tally.done
                                    + " times and asked for at most "
                                    + tally.maybeDone
                                    + " times, but was applied "
                                    + times
                                    + " times");
        }
    }

    /** All replicas answer as a fresh one does that is given the same commands. */
    private static void checkStates(
            SimulatedCluster cluster, Application<?, ?> application, List<Command> commands) {
        StateMachine fresh = application.machine();
        for (Command command : commands) {
            Payload answer = fresh.apply(command);
            Payload known =
                    cluster.safety().answer(SimulatedCluster.GROUP, command.position().index());
            require(
                    Objects.equals(answer, known),
                    () ->
                            "the state machine isn't deterministic: "
                                    + command
                                    + " was answered with "
                                    + known
                                    + ", and by a fresh one after the same commands with "
                                    + answer);
        }
        for (Payload question : application.questions()) {
            Payload expected = fresh.query(question);
            for (SimulatedMachine machine : cluster.aliveWithState()) {
                Payload answer = machine.machine().query(question);
                require(
                        answer.equals(expected),
                        () ->
                                "the replicas differ: asked "
                                        + question
                                        + ", "
                                        + machine.node()
                                        + " says "
                                        + answer
                                        + ", and a fresh one after the same commands "
                                        + expected);
            }
        }
    }

    private static List<String> status(SimulatedCluster cluster) {
        return cluster.machines().stream()
                .map(
                        m ->
                                m.node()
                                        + (m.isLost() ? " lost " : " ")
                                        + (m.group() == null ? "down" : m.group().status()))
                .toList();
    }

    private static void require(boolean condition, Supplier<String> otherwise) {
        if (!condition) {
            throw new SimulationError(otherwise.get());
        }
    }
}
