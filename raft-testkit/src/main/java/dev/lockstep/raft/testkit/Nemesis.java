package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.testkit.net.NetworkFaults;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.SimulatedProcess;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Does what a {@link FaultPlan} says, until it is told to stop; then it mends everything. */
final class Nemesis {
    private static final double SECOND = 1e9;
    private static final long MAX_DOWN_NANOS = 3_000_000_000L;
    private static final long MAX_PAUSE_NANOS = 3_000_000_000L;
    private static final long MAX_CUT_NANOS = 6_000_000_000L;
    private static final long MAX_JUMP_MILLIS = 3_600_000;
    private static final long MAX_OPERATIONS_TO_CRASH = 200;

    private final SimulatedCluster cluster;
    private final VirtualTime time;
    private final SeededRandom random;
    private final Map<String, Integer> counts = new TreeMap<>();
    private boolean stopped;

    Nemesis(SimulatedCluster cluster) {
        this.cluster = cluster;
        this.time = cluster.time();
        this.random = time.random().fork("nemesis");
    }

    void start() {
        FaultPlan plan = cluster.plan();
        repeat("kill", plan.killSeconds(), machine -> end(machine, machine::kill));
        repeat("power loss", plan.powerLossSeconds(), machine -> end(machine, machine::losePower));
        repeat("blackout", plan.blackoutSeconds(), machine -> blackout());
        repeat("crash in I/O", plan.diskCrashSeconds(), this::crashInIo);
        repeat("failed sync", plan.failedSyncSeconds(), machine -> failSync(machine));
        repeat("pause", plan.pauseSeconds(), this::pause);
        repeat("partition", plan.partitionSeconds(), machine -> partition());
        repeat("one-way cut", plan.oneWaySeconds(), this::cutOneWay);
        repeat("disconnect", plan.disconnectSeconds(), this::disconnect);
        repeat("clock jump", plan.clockJumpSeconds(), this::jump);
        watchFailedDisks();
    }

    /** How often each fault was done. */
    Map<String, Integer> counts() {
        return counts;
    }

    int count(String fault) {
        return counts.getOrDefault(fault, 0);
    }

    /** Mends all that is broken, and starts all that is down. */
    void stop() {
        stopped = true;
        cluster.network().mendAll();
        cluster.network().setFaults(NetworkFaults.NONE);
        for (SimulatedMachine machine : cluster.machines()) {
            machine.disk().faults().clear();
            SimulatedProcess process = machine.process();
            if (process != null) {
                process.resume();
            }
            if (machine.storageFailed()) {
                machine.losePower();
            }
            machine.boot();
        }
    }

    private void repeat(String fault, double meanSeconds, Consumer<SimulatedMachine> action) {
        if (meanSeconds <= 0) {
            return;
        }
        long delay = (long) ((0.1 + 1.8 * random.nextDouble()) * meanSeconds * SECOND);
        time.after(
                delay,
                fault,
                () -> {
                    if (!stopped) {
                        counts.merge(fault, 1, Integer::sum);
                        action.accept(victim());
                        repeat(fault, meanSeconds, action);
                    }
                });
    }

    /** Often the leader, with whom most goes wrong. */
    private SimulatedMachine victim() {
        if (random.chance(0.4)) {
            for (SimulatedMachine machine : cluster.machines()) {
                if (machine.leads()) {
                    return machine;
                }
            }
        }
        return random.pick(cluster.machines());
    }

    private void end(SimulatedMachine machine, Runnable how) {
        how.run();
        long down = random.nextLong(MAX_DOWN_NANOS);
        time.after(down, "boot", machine::boot);
    }

    private void blackout() {
        for (SimulatedMachine machine : cluster.machines()) {
            end(machine, machine::losePower);
        }
    }

    private void crashInIo(SimulatedMachine machine) {
        boolean power = random.nextBoolean();
        long operations = 1 + random.nextLong(MAX_OPERATIONS_TO_CRASH);
        machine.disk()
                .faults()
                .crashAfter(
                        operations, () -> end(machine, power ? machine::losePower : machine::kill));
    }

    private void failSync(SimulatedMachine machine) {
        machine.disk().faults().failNextSync();
    }

    /** A replica whose disk failed has stopped for good; somebody reboots the machine then. */
    private void watchFailedDisks() {
        time.after(
                (long) SECOND / 2,
                "operator",
                () -> {
                    for (SimulatedMachine machine : cluster.machines()) {
                        if (machine.storageFailed() && machine.isUp()) {
                            end(machine, machine::losePower);
                        }
                    }
                    if (!stopped) {
                        watchFailedDisks();
                    }
                });
    }

    private void pause(SimulatedMachine machine) {
        SimulatedProcess process = machine.process();
        if (process != null && process.alive()) {
            time.recent().note(() -> machine.node() + " is paused");
            process.pause();
            time.after(
                    random.nextLong(MAX_PAUSE_NANOS),
                    "resume",
                    () -> {
                        time.recent().note(() -> machine.node() + " goes on");
                        process.resume();
                    });
        }
    }

    private void partition() {
        List<NodeId> side = new ArrayList<>();
        List<NodeId> other = new ArrayList<>();
        cluster.nodes().forEach(node -> (random.nextBoolean() ? side : other).add(node));
        cluster.network().partition(side, other);
        mendLater();
    }

    private void cutOneWay(SimulatedMachine machine) {
        for (NodeId node : cluster.nodes()) {
            if (!node.equals(machine.node()) && random.nextBoolean()) {
                if (random.nextBoolean()) {
                    cluster.network().cut(machine.node(), node);
                } else {
                    cluster.network().cut(node, machine.node());
                }
            }
        }
        mendLater();
    }

    private void mendLater() {
        time.after(random.nextLong(MAX_CUT_NANOS), "mend", () -> cluster.network().mendAll());
    }

    private void disconnect(SimulatedMachine machine) {
        NodeId other = random.pick(cluster.nodes());
        if (!other.equals(machine.node())) {
            cluster.network().disconnect(machine.node(), other, "cut by the nemesis");
        }
    }

    private void jump(SimulatedMachine machine) {
        machine.clock().jumpWall(random.nextLong(-MAX_JUMP_MILLIS, MAX_JUMP_MILLIS));
    }
}
