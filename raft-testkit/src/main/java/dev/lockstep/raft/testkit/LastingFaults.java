package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.testkit.disk.DiskLatency;
import dev.lockstep.raft.testkit.net.NetworkFaults;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.SimulatedProcess;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.util.ArrayList;
import java.util.List;

/**
 * The end of a run's faults: a majority is mended, and the rest left broken in ways that don't
 * pass; at last everything is mended.
 */
final class LastingFaults {
    private static final long SECOND = 1_000_000_000L;

    private final SimulatedCluster cluster;
    private final VirtualTime time;
    private final List<SimulatedMachine> doomed;
    private final MemberChanges members;
    private final UntilMended until;
    private boolean allMended;

    /**
     * @param doomed who may be lost, or no member
     */
    LastingFaults(
            SimulatedCluster cluster,
            List<SimulatedMachine> doomed,
            MemberChanges members,
            UntilMended until) {
        this.cluster = cluster;
        this.time = cluster.time();
        this.doomed = doomed;
        this.members = members;
        this.until = until;
    }

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
        others.removeIf(machine -> !cluster.isFounder(machine)); // it may be no member
        return others;
    }

    private void breakMinority(
            List<SimulatedMachine> broken, List<SimulatedMachine> others, SeededRandom dice) {
        while (broken.size() < (cluster.founders().size() - 1) / 2) {
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
                    if (!allMended) {
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
        allMended = true;
        // A leader whose disk is slow hands over, and then what it was asked for ends as unknown.
        cluster.machines().forEach(machine -> machine.disk().faults().setLatency(DiskLatency.FAST));
        members.bringBack();
        mend(cluster.machines());
    }

    private void mend(List<SimulatedMachine> machines) {
        until.mended();
        cluster.network().mendAll();
        cluster.network().setFaults(NetworkFaults.NONE);
        for (SimulatedMachine machine : machines) {
            machine.disk().faults().clear();
            machine.disk().setCapacity(Long.MAX_VALUE);
            machine.disk().setReadOnly(false);
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
