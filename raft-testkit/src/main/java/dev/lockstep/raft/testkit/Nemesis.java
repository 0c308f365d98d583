package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.testkit.disk.DiskLatency;
import dev.lockstep.raft.testkit.net.NetworkFaults;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.SimulatedProcess;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Does what it was given to do, each {@link FaultAction} at its time, until it is told to stop.
 * Then a majority is mended, and the rest left broken; at last everything is mended.
 */
final class Nemesis {
    private static final long SECOND = 1_000_000_000L;
    private static final long MAX_JUMP_MILLIS = 3_600_000;
    private static final long MAX_OPERATIONS_TO_CRASH = 200;
    private static final long MAX_SLOWNESS_NANOS = SECOND / 2;
    private static final int MAX_FREE_BYTES = 32 << 10;

    private final SimulatedCluster cluster;
    private final Workload<?, ?> workload;
    private final VirtualTime time;
    private final List<SimulatedMachine> doomed;
    private final MemberChanges members;
    private final Map<FaultKind, Integer> counts = new EnumMap<>(FaultKind.class);
    private boolean stopped;

    Nemesis(SimulatedCluster cluster, Workload<?, ?> workload) {
        this.cluster = cluster;
        this.workload = workload;
        this.time = cluster.time();
        this.doomed = minority(cluster, time.random().fork("doomed"));
        this.members = new MemberChanges(cluster, doomed);
    }

    /** As many as may be lost. */
    private static List<SimulatedMachine> minority(SimulatedCluster cluster, SeededRandom dice) {
        List<SimulatedMachine> left = new ArrayList<>(cluster.machines());
        List<SimulatedMachine> taken = new ArrayList<>();
        // With a witness it and one full replica less: while the group runs on the witness, a
        // majority less one of disks may be the only ones with what was acknowledged.
        left.removeIf(machine -> machine.isWitness() && taken.add(machine));
        while (taken.size() < (cluster.machines().size() - 1) / 2) {
            taken.add(left.remove(dice.nextInt(left.size())));
        }
        return taken;
    }

    void start(List<FaultAction> actions) {
        for (FaultAction action : actions) {
            time.at(action.atNanos(), "nemesis", -1, () -> perform(action));
        }
        watchStopped();
        members.watch();
    }

    /** How often each fault was done. */
    Map<FaultKind, Integer> counts() {
        return counts;
    }

    private void perform(FaultAction action) {
        if (stopped) {
            return;
        }
        SimulatedMachine machine = victim(action);
        if (machine == null) {
            return;
        }
        time.recent().note(() -> "nemesis: " + action + " befalls " + machine.node());
        counts.merge(action.kind(), 1, Integer::sum);
        SeededRandom dice = new SeededRandom(action.dice());
        long lasts = action.lastsNanos();
        NodeId node = machine.node();
        switch (action.kind()) {
            case KILL -> end(machine, machine::kill, lasts);
            case POWER_LOSS -> end(machine, machine::losePower, lasts);
            case BLACKOUT -> blackout(dice, lasts);
            case CRASH_IN_IO -> crashInIo(machine, dice, lasts);
            case FAILED_SYNC -> machine.disk().faults().failNextSync();
            case FAILED_READ -> machine.disk().faults().failNextRead();
            case HUNG_DISK -> machine.disk().faults().hang(lasts);
            case PAUSE -> pause(machine, lasts);
            case PARTITION -> partition(dice, lasts);
            case PARTIAL_PARTITION -> cutBoth(node, other(machine, dice), lasts);
            case ONE_WAY_CUT -> cutOneWay(node, dice, lasts);
            case CLOG -> clog(node, dice, lasts);
            case SLOW_LINK -> slow(node, dice, lasts);
            case DISCONNECT ->
                    cluster.network().disconnect(node, other(machine, dice), "cut by the nemesis");
            case CLOCK_JUMP ->
                    machine.clock().jumpWall(dice.nextLong(-MAX_JUMP_MILLIS, MAX_JUMP_MILLIS));
            case FLOOD -> flood(machine, dice);
            case DIVERGENCE -> diverge(machine, dice, lasts);
            case TRANSFER -> transfer(machine, dice);
            case MEMBER_CHANGE -> members.change(dice);
            case FULL_DISK -> fill(machine, dice, lasts);
            case FLIPPED_BIT -> machine.flip(dice.nextLong() | 1);
            case BIT_ROT -> {
                machine.damaged();
                machine.disk().rotAnywhere(dice);
            }
            case MISPLACED_WRITE -> {
                machine.damaged();
                machine.disk().misplaceAnywhere(dice);
            }
            case WIPED_DISK -> wipe(machine, lasts);
        }
    }

    private @Nullable SimulatedMachine victim(FaultAction action) {
        if (action.kind().damages()) {
            // Who is wiped while its group is being founded leaves the others without a founding.
            boolean founded = cluster.machines().stream().allMatch(SimulatedMachine::isFounded);
            return founded && !doomed.isEmpty()
                    ? doomed.get(action.victim() % doomed.size())
                    : null;
        }
        SimulatedMachine leader = action.leader() ? cluster.leader() : null;
        return leader != null ? leader : cluster.machines().get(action.victim());
    }

    private NodeId other(SimulatedMachine machine, SeededRandom dice) {
        List<NodeId> others = new ArrayList<>(cluster.nodes());
        others.remove(machine.node());
        return others.isEmpty() ? machine.node() : dice.pick(others);
    }

    /** What is done later, unless everything was mended meanwhile. */
    private void later(long nanos, String what, Runnable action) {
        time.after(
                nanos,
                what,
                () -> {
                    if (!stopped) {
                        action.run();
                    }
                });
    }

    // ---- processes ----

    private void end(SimulatedMachine machine, Runnable how, long downNanos) {
        how.run();
        later(downNanos, "boot", machine::boot);
    }

    private void blackout(SeededRandom dice, long lasts) {
        for (SimulatedMachine machine : cluster.machines()) {
            end(machine, machine::losePower, dice.nextLong(lasts));
        }
    }

    private void pause(SimulatedMachine machine, long lasts) {
        SimulatedProcess process = machine.process();
        if (process != null && process.alive()) {
            process.pause();
            later(
                    lasts,
                    "resume",
                    () -> {
                        time.recent().note(() -> machine.node() + " goes on");
                        process.resume();
                    });
        }
    }

    private void transfer(SimulatedMachine machine, SeededRandom dice) {
        RaftGroup group = machine.group();
        SimulatedProcess process = machine.process();
        if (machine.isResponsive() && group != null && process != null) {
            NodeId target = dice.nextBoolean() ? null : other(machine, dice);
            process.run(
                    () -> {
                        var unused =
                                group.transferLeadership(target)
                                        .whenComplete((next, error) -> transferEnded(error));
                    });
        }
    }

    private void transferEnded(@Nullable Throwable error) {
        time.sometimes()
                .hit(error == null ? "leadership transferred" : "transfer refused or aborted");
    }

    // ---- disks ----

    private void crashInIo(SimulatedMachine machine, SeededRandom dice, long lasts) {
        boolean power = dice.nextBoolean();
        long operations = 1 + dice.nextLong(MAX_OPERATIONS_TO_CRASH);
        machine.disk()
                .faults()
                .crashAfter(
                        operations,
                        () -> {
                            time.sometimes().hit("crash in the middle of I/O");
                            end(machine, power ? machine::losePower : machine::kill, lasts);
                        });
    }

    /**
     * A replica whose disk failed has stopped for good; somebody reboots the machine then, at any
     * time of the run, since a disk may fail in what was asked of it before it was mended.
     */
    private void watchStopped() {
        time.after(
                SECOND / 2,
                "operator",
                () -> {
                    for (SimulatedMachine machine : cluster.machines()) {
                        if (machine.isStopped() && machine.isUp()) {
                            machine.losePower();
                            time.after(SECOND, "boot", machine::boot);
                        }
                    }
                    watchStopped();
                });
    }

    private void fill(SimulatedMachine machine, SeededRandom dice, long lasts) {
        machine.disk().setCapacity(machine.disk().usedBytes() + dice.nextInt(MAX_FREE_BYTES));
        later(lasts, "room", () -> machine.disk().setCapacity(Long.MAX_VALUE));
    }

    private void wipe(SimulatedMachine machine, long lasts) {
        machine.damaged();
        end(machine, machine::kill, lasts);
        machine.wipe();
        cluster.safety().wiped(machine.node());
    }

    // ---- network ----

    private void cutBoth(NodeId a, NodeId b, long lasts) {
        cut(a, b, lasts);
        cut(b, a, lasts);
    }

    private void cut(NodeId from, NodeId to, long lasts) {
        if (!from.equals(to)) {
            cluster.network().cut(from, to);
            later(lasts, "mend", () -> cluster.network().mend(from, to));
        }
    }

    private void partition(SeededRandom dice, long lasts) {
        List<NodeId> side = new ArrayList<>();
        List<NodeId> other = new ArrayList<>();
        cluster.nodes().forEach(node -> (dice.nextBoolean() ? side : other).add(node));
        for (NodeId a : side) {
            other.forEach(b -> cutBoth(a, b, lasts));
        }
    }

    private void cutOneWay(NodeId node, SeededRandom dice, long lasts) {
        for (NodeId other : cluster.nodes()) {
            if (dice.nextBoolean()) {
                if (dice.nextBoolean()) {
                    cut(node, other, lasts);
                } else {
                    cut(other, node, lasts);
                }
            }
        }
    }

    private void clog(NodeId node, SeededRandom dice, long lasts) {
        for (NodeId other : cluster.nodes()) {
            if (dice.nextBoolean()) {
                cluster.network().clog(node, other, lasts);
            }
            if (dice.nextBoolean()) {
                cluster.network().clog(other, node, lasts);
            }
        }
    }

    private void slow(NodeId node, SeededRandom dice, long lasts) {
        NodeId other = dice.pick(cluster.nodes());
        long slowness = dice.nextLong(MAX_SLOWNESS_NANOS);
        cluster.network().slow(node, other, slowness);
        cluster.network().slow(other, node, slowness);
        later(
                lasts,
                "fast again",
                () -> {
                    cluster.network().slow(node, other, 0);
                    cluster.network().slow(other, node, 0);
                });
    }

    private void isolate(NodeId node, long lasts) {
        cluster.nodes().forEach(other -> cutBoth(node, other, lasts));
    }

    // ---- what clients do ----

    private void flood(SimulatedMachine machine, SeededRandom dice) {
        workload.flood(machine, 1 + dice.nextInt(cluster.plan().traffic().floodCommands()));
    }

    /**
     * Long tails that differ: a leader takes much that it can't replicate; so does whoever leads
     * next, and maybe the one after; then all of them meet.
     */
    private void diverge(SimulatedMachine first, SeededRandom dice, long lasts) {
        flood(first, dice);
        isolate(first.node(), lasts);
        flood(first, dice);
        long wait = 2 * cluster.plan().options().electionTimeout().toNanos();
        for (int i = 0; i < dice.nextInt(3); i++) {
            boolean cuts = dice.nextBoolean();
            later(
                    dice.nextLong(wait, 3 * wait),
                    "divergence",
                    () -> {
                        for (SimulatedMachine machine : cluster.machines()) {
                            if (machine.leads()) {
                                flood(machine, dice);
                                if (cuts) {
                                    isolate(machine.node(), lasts);
                                    flood(machine, dice);
                                }
                            }
                        }
                    });
        }
    }

    // ---- the end ----

    /**
     * Mends a majority and what is between its members, and breaks the rest for good.
     *
     * @return the majority
     */
    List<SimulatedMachine> leaveMinorityBroken() {
        SeededRandom dice = time.random().fork("broken for good");
        List<SimulatedMachine> broken = new ArrayList<>();
        List<SimulatedMachine> others = new ArrayList<>();
        // Who was damaged may still find that out, and is no part of any majority.
        // Nor may who is perhaps no member, or not yet.
        cluster.machines()
                .forEach(
                        machine -> {
                            boolean out = machine.isDamaged();
                            out |= members.begun() && doomed.contains(machine);
                            (out ? broken : others).add(machine);
                        });
        List<SimulatedMachine> whole = List.copyOf(others);
        breakMinority(broken, others, dice);
        if (!canElect(others)) {
            broken.removeAll(whole);
            others.clear();
            others.addAll(whole);
            others.removeIf(machine -> machine.isWitness() && broken.add(machine));
            breakMinority(broken, others, dice);
        }
        mend(others);
        boolean withWitness = others.stream().anyMatch(SimulatedMachine::isWitness);
        broken.forEach(machine -> breakForGood(machine, withWitness, dice));
        return others;
    }

    private void breakMinority(
            List<SimulatedMachine> broken, List<SimulatedMachine> others, SeededRandom dice) {
        while (broken.size() < (cluster.machines().size() - 1) / 2) {
            broken.add(others.remove(dice.nextInt(others.size())));
        }
    }

    /**
     * Whether these can go on without the others, as any majority can that has no witness. Of one
     * that has, some full replica must hold all that the witness does, and the group mustn't be
     * running on the witness at that moment.
     */
    private boolean canElect(List<SimulatedMachine> majority) {
        List<NodeId> full = new ArrayList<>();
        List<NodeId> witnesses = new ArrayList<>();
        majority.forEach(machine -> (machine.isWitness() ? witnesses : full).add(machine.node()));
        return witnesses.isEmpty()
                || cluster.machines().stream().noneMatch(SimulatedMachine::runsOnWitness)
                        && cluster.safety().isCovered(SimulatedCluster.GROUP, witnesses, full);
    }

    private void breakForGood(
            SimulatedMachine machine, boolean othersNeedWitness, SeededRandom dice) {
        // One that still sends could take the others' witness for itself.
        String how =
                othersNeedWitness
                        ? dice.pick(List.of("down", "cut off", "mute", "paused"))
                        : dice.pick(
                                List.of(
                                        "down",
                                        "cut off",
                                        "deaf",
                                        "mute",
                                        "slow",
                                        "flapping",
                                        "paused"));
        if (othersNeedWitness) {
            time.sometimes().hit("for good: the witness is needed");
        }
        time.sometimes().hit("for good: " + how);
        time.recent().note(() -> machine.node() + " is " + how + " from now on");
        machine.boot();
        SimulatedProcess process = machine.process();
        for (NodeId other : cluster.nodes()) {
            if (other.equals(machine.node())) {
                continue;
            }
            if (how.equals("cut off") || how.equals("deaf")) {
                cluster.network().cut(other, machine.node());
            }
            if (how.equals("cut off") || how.equals("mute")) {
                cluster.network().cut(machine.node(), other);
            }
            if (how.equals("slow")) {
                // A read through a leader with such links takes four of these; a follower asks
                // again after half an election timeout.
                long most = cluster.plan().options().electionTimeout().toNanos() / 10;
                cluster.network().slow(other, machine.node(), dice.nextLong(most));
                cluster.network().slow(machine.node(), other, dice.nextLong(most));
            }
        }
        if (how.equals("down")) {
            machine.kill();
            machine.hold(true);
        } else if (how.equals("flapping")) {
            flap(machine, 1 + dice.nextLong(SECOND));
        } else if (how.equals("paused") && process != null) {
            process.pause();
        }
    }

    private void flap(SimulatedMachine machine, long everyNanos) {
        time.after(
                everyNanos,
                "flap",
                () -> {
                    if (!mended) {
                        for (NodeId other : cluster.nodes()) {
                            if (!other.equals(machine.node())) {
                                cluster.network().disconnect(machine.node(), other, "it flaps");
                            }
                        }
                        flap(machine, everyNanos);
                    }
                });
    }

    /** Mends all that is broken, and starts all that is down. */
    void mendAll() {
        mended = true;
        // A leader whose disk is slow hands over, and then what it was asked for ends as unknown.
        cluster.machines().forEach(machine -> machine.disk().faults().setLatency(DiskLatency.FAST));
        members.bringBack();
        mend(cluster.machines());
    }

    private boolean mended;

    private void mend(List<SimulatedMachine> machines) {
        stopped = true;
        cluster.network().mendAll();
        cluster.network().setFaults(NetworkFaults.NONE);
        for (SimulatedMachine machine : machines) {
            machine.disk().faults().clear();
            machine.disk().setCapacity(Long.MAX_VALUE);
            machine.hold(false);
            SimulatedProcess process = machine.process();
            if (process != null) {
                process.resume();
            }
            if (machine.isStopped() || machine.isFlipped()) {
                machine.losePower();
            }
            machine.boot();
        }
    }
}
