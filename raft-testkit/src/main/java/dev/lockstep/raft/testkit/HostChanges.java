package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.MembershipChange.Action;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings hosts and takes them away, as an operator does who goes on asking until a thing is done:
 * spares join with an empty directory, some in the place of a member that is dead; members are
 * removed, and come back empty, as others.
 *
 * <p>Only a minority of the founders is ever killed or removed, and a spare is only emptied when it
 * is no member. So the other founders and the spares together are a majority of any configuration.
 * There is never more than one witness, so that these are one without witnesses, too.
 */
final class HostChanges {
    private static final long MAX_REBUILD_NANOS = 2_000_000_000L;

    private final SimulatedCluster cluster;
    private final VirtualTime time;
    private final List<SimulatedMachine> minority;
    private final MemberChanges members;
    private final UntilMended until;
    private final List<Errand> errands = new ArrayList<>();

    HostChanges(
            SimulatedCluster cluster,
            List<SimulatedMachine> minority,
            MemberChanges members,
            UntilMended until) {
        this.cluster = cluster;
        this.time = cluster.time();
        this.minority = minority;
        this.members = members;
        this.until = until;
    }

    /** What is to become of one or two hosts. */
    private static final class Errand {
        /** To be removed first; null when nobody is. */
        @Nullable SimulatedMachine leaves;

        /** To be a voter in the end; null when nobody is. */
        @Nullable SimulatedMachine comes;

        /** Whether who leaves is dead, so that who comes is asked for at once. */
        boolean replaces;

        /** Whether the operator adds a learner, and promotes it when it may be. */
        boolean promotes;

        /** What lived there when it was to leave. */
        @Nullable ReplicaId left;

        boolean isOf(SimulatedMachine machine) {
            return machine == leaves || machine == comes;
        }
    }

    // ---- what begins ----

    /** A spare comes to the group, or goes. */
    void changeSpare(SeededRandom dice) {
        SimulatedMachine spare = cluster.takeSpare();
        if (spare != null) {
            members.begin();
            spare.boot();
        } else {
            List<SimulatedMachine> idle = new ArrayList<>(cluster.machines());
            idle.removeIf(machine -> cluster.isFounder(machine) || isBusy(machine));
            if (idle.isEmpty()) {
                return;
            }
            spare = dice.pick(idle);
        }
        Membership now = members.membership();
        if (now != null && now.on(spare.node()) != null) {
            begin(spare, dice.nextBoolean() ? spare : null, dice);
            return;
        }
        SimulatedMachine dead = member(now, spare.isWitness(), dice);
        if (dead == null && now != null && spare.isWitness() && now.hasWitnesses()) {
            return; // it waits for the other one to leave
        }
        if (dead != null && (spare.isWitness() || dice.nextBoolean())) {
            dead.kill();
            dead.hold(true);
            begin(dead, spare, dice).replaces = true;
        } else {
            begin(null, spare, dice);
        }
    }

    /** A member leaves, and comes back as another. */
    void rebuild(SeededRandom dice) {
        SimulatedMachine machine = member(members.membership(), dice.nextBoolean(), dice);
        if (machine != null) {
            begin(machine, machine, dice);
        }
    }

    private Errand begin(
            @Nullable SimulatedMachine leaves,
            @Nullable SimulatedMachine comes,
            SeededRandom dice) {
        Errand errand = new Errand();
        errand.leaves = leaves;
        errand.comes = comes;
        errand.promotes = comes != null && !comes.isWitness() && dice.nextBoolean();
        errands.add(errand);
        members.begin();
        return errand;
    }

    /** One of those that may be dead, and that is a member with nothing planned. */
    private @Nullable SimulatedMachine member(
            @Nullable Membership now, boolean witness, SeededRandom dice) {
        List<SimulatedMachine> some = new ArrayList<>(minority);
        some.removeIf(
                machine ->
                        now == null
                                || now.on(machine.node()) == null
                                || machine.isWitness() != witness
                                || machine.isLost()
                                || isBusy(machine));
        return some.isEmpty() ? null : dice.pick(some);
    }

    private boolean isBusy(SimulatedMachine machine) {
        return errands.stream().anyMatch(errand -> errand.isOf(machine));
    }

    // ---- what goes on ----

    /** Asks for the next step of all that was begun. */
    void look() {
        Configuration now = members.configuration();
        if (now == null || until.isOver()) {
            return;
        }
        for (Errand errand : List.copyOf(errands)) {
            SimulatedMachine leaves = errand.leaves;
            SimulatedMachine comes = errand.comes;
            if (leaves != null) {
                leave(errand, leaves, now);
            } else if (comes == null || comes.isLost() || join(errand, comes, now)) {
                errands.remove(errand);
            }
        }
    }

    private void leave(Errand errand, SimulatedMachine leaves, Configuration now) {
        Membership membership = now.membership();
        ReplicaId member = membership.on(leaves.node());
        SimulatedMachine comes = errand.comes;
        if (member != null) {
            errand.left = member;
            List<MembershipChange.Step> steps = new ArrayList<>();
            steps.add(MemberChanges.step(Action.REMOVE, leaves));
            if (errand.replaces && comes != null && membership.on(comes.node()) == null) {
                steps.add(MemberChanges.step(addition(errand, comes), comes));
            }
            members.ask(steps, now.index());
        } else if (now.committed() && !membership.isJoint()) {
            errand.leaves = null;
            if (comes == leaves) {
                leaves.rebuild();
                SeededRandom dice = time.random().fork("rebuilt " + time.now());
                until.later(dice.nextLong(MAX_REBUILD_NANOS), "rebuilt", leaves::boot);
            }
        }
    }

    /** Whether it is done. */
    private boolean join(Errand errand, SimulatedMachine comes, Configuration now) {
        ReplicaId member = now.membership().on(comes.node());
        if (member == null) {
            if (comes.isUp() && mayJoin(now.membership(), comes)) {
                members.ask(
                        List.of(MemberChanges.step(addition(errand, comes), comes)), now.index());
            }
            return false;
        }
        if (now.committed() && now.membership().voters().contains(member)) {
            tell(errand, comes, member);
            return true;
        }
        if (errand.promotes && now.membership().learners().contains(member)) {
            members.ask(List.of(MemberChanges.step(Action.PROMOTE, comes)), now.index());
        }
        return false;
    }

    private static Action addition(Errand errand, SimulatedMachine comes) {
        return errand.promotes ? Action.ADD_LEARNER : MemberChanges.addition(comes);
    }

    private void tell(Errand errand, SimulatedMachine comes, ReplicaId voter) {
        String kind = comes.isWitness() ? "witness" : "host";
        if (errand.replaces) {
            time.sometimes().hit("dead member replaced by a spare " + kind);
        } else if (!cluster.isFounder(comes)) {
            time.sometimes().hit("spare " + kind + " became a voter");
        }
        if (errand.promotes) {
            time.sometimes().hit("newcomer promoted by the operator");
        }
        ReplicaId left = errand.left;
        if (left != null && left.node().equals(voter.node()) && !left.equals(voter)) {
            time.sometimes().hit("removed " + kind + " came back empty and votes");
        }
    }

    // ---- witnesses ----

    /** A witness may join while there is no other. */
    static boolean mayJoin(Membership now, SimulatedMachine machine) {
        return !machine.isWitness() || now.replicas().stream().noneMatch(ReplicaId::isWitness);
    }

    /**
     * Of several witnesses one stays: whoever is a member. The others are out of service, and leave
     * if a change that was under way has made them members.
     */
    void retireWitnesses(Membership now) {
        List<SimulatedMachine> witnesses = new ArrayList<>(cluster.alive());
        witnesses.removeIf(machine -> !machine.isWitness());
        for (SimulatedMachine machine : cluster.machines()) {
            if (machine.isWitness()
                    && machine.isLost()
                    && now.on(machine.node()) != null
                    && !witnesses.isEmpty()) {
                members.ask(
                        List.of(MemberChanges.step(Action.REMOVE, machine)), MembershipChange.ANY);
            }
        }
        for (SimulatedMachine machine : witnesses) {
            if (witnesses.size() > 1 && now.on(machine.node()) != null) {
                witnesses.stream()
                        .filter(other -> other != machine && now.on(other.node()) == null)
                        .forEach(SimulatedMachine::retire);
                return;
            }
        }
        witnesses.stream().skip(1).forEach(SimulatedMachine::retire);
    }
}
