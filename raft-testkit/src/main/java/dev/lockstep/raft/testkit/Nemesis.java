package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.node.RaftGroup;
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
    private static final long MAX_JUMP_MILLIS = 3_600_000;

    private final SimulatedCluster cluster;
    private final Workload<?, ?> workload;
    private final VirtualTime time;
    private final List<SimulatedMachine> doomed;
    private final MemberChanges members;
    private final Map<FaultKind, Integer> counts = new EnumMap<>(FaultKind.class);
    private final UntilMended until;
    private final LinkFaults links;
    private final MachineFaults machines;
    private final LastingFaults lasting;

    Nemesis(SimulatedCluster cluster, Workload<?, ?> workload) {
        this.cluster = cluster;
        this.workload = workload;
        this.time = cluster.time();
        this.doomed = minority(cluster, time.random().fork("doomed"));
        this.until = new UntilMended(time);
        this.members = new MemberChanges(cluster, doomed, until);
        this.links = new LinkFaults(cluster, until);
        this.machines = new MachineFaults(cluster, until);
        this.lasting = new LastingFaults(cluster, doomed, members, until);
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
        machines.watchStopped();
        members.watch();
    }

    /** How often each fault was done. */
    Map<FaultKind, Integer> counts() {
        return counts;
    }

    private void perform(FaultAction action) {
        if (until.isOver()) {
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
            case KILL -> machines.end(machine, machine::kill, lasts);
            case POWER_LOSS -> machines.end(machine, machine::losePower, lasts);
            case BLACKOUT -> machines.blackout(dice, lasts);
            case CRASH_IN_IO -> machines.crashInIo(machine, dice, lasts);
            case FAILED_SYNC -> machine.disk().faults().failNextSync();
            case FAILED_READ -> machine.disk().faults().failNextRead();
            case HUNG_DISK -> machine.disk().faults().hang(lasts);
            case PAUSE -> machines.pause(machine, lasts);
            case PARTITION -> links.partition(dice, lasts);
            case PARTIAL_PARTITION -> links.cutBoth(node, other(machine, dice), lasts);
            case ONE_WAY_CUT -> links.cutOneWay(node, dice, lasts);
            case CLOG -> links.clog(node, dice, lasts);
            case SLOW_LINK -> links.slow(node, dice, lasts);
            case DISCONNECT ->
                    cluster.network().disconnect(node, other(machine, dice), "cut by the nemesis");
            case CLOCK_JUMP ->
                    machine.clock().jumpWall(dice.nextLong(-MAX_JUMP_MILLIS, MAX_JUMP_MILLIS));
            case FLOOD -> flood(machine, dice);
            case DIVERGENCE -> diverge(machine, dice, lasts);
            case TRANSFER -> transfer(machine, dice);
            case MEMBER_CHANGE -> members.change(dice);
            case SPARE_HOST -> members.hosts().changeSpare(dice);
            case REBUILT_HOST -> members.hosts().rebuild(dice);
            case FULL_DISK -> {
                machines.fill(machine, dice, lasts);
                if (dice.chance(0.5)) { // else nothing notices before the present segment is full
                    until.later(0, "flood", () -> flood(machine, dice));
                }
            }
            case READ_ONLY_DISK -> machines.writeProtect(machine, lasts);
            case FLIPPED_BIT -> machine.flip(dice.nextLong() | 1);
            case BIT_ROT -> {
                machine.damaged();
                machine.disk().rotAnywhere(dice);
            }
            case MISPLACED_WRITE -> {
                machine.damaged();
                machine.disk().misplaceAnywhere(dice);
            }
            case WIPED_DISK -> machines.wipe(machine, lasts);
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
        List<SimulatedMachine> all = cluster.machines();
        return leader != null ? leader : all.get(action.victim() % all.size());
    }

    private NodeId other(SimulatedMachine machine, SeededRandom dice) {
        List<NodeId> others = new ArrayList<>(cluster.nodes());
        others.remove(machine.node());
        return others.isEmpty() ? machine.node() : dice.pick(others);
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

    private void flood(SimulatedMachine machine, SeededRandom dice) {
        workload.flood(machine, 1 + dice.nextInt(cluster.plan().traffic().floodCommands()));
    }

    /**
     * Long tails that differ: a leader takes much that it can't replicate; so does whoever leads
     * next, and maybe the one after; then all of them meet.
     */
    private void diverge(SimulatedMachine first, SeededRandom dice, long lasts) {
        flood(first, dice);
        links.isolate(first.node(), lasts);
        flood(first, dice);
        long wait = 2 * cluster.plan().options().electionTimeout().toNanos();
        for (int i = 0; i < dice.nextInt(3); i++) {
            boolean cuts = dice.nextBoolean();
            until.later(
                    dice.nextLong(wait, 3 * wait),
                    "divergence",
                    () -> {
                        for (SimulatedMachine machine : cluster.machines()) {
                            if (machine.leads()) {
                                flood(machine, dice);
                                if (cuts) {
                                    links.isolate(machine.node(), lasts);
                                    flood(machine, dice);
                                }
                            }
                        }
                    });
        }
    }

    /** As {@link LastingFaults#leaveMinorityBroken}. */
    List<SimulatedMachine> leaveMinorityBroken() {
        return lasting.leaveMinorityBroken();
    }

    /** Whether everybody who isn't lost is a voter again. */
    boolean areAllBack() {
        return members.areAllBack();
    }

    void mendAll() {
        lasting.mendAll();
    }
}
