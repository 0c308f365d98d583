package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.MembershipChange.Action;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.SimulatedProcess;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes who belongs to the group, as its operator does: replaces who was wiped, and, where the
 * nemesis says so, takes members away and gives them back. Only a minority of the machines is ever
 * touched, so that whichever configuration is in force when things break for good, the others are a
 * majority of it.
 */
final class MemberChanges {
    private static final long LOOK_NANOS = 500_000_000L;

    private final SimulatedCluster cluster;
    private final VirtualTime time;
    private final List<SimulatedMachine> minority;
    private final HostChanges hosts;
    private boolean begun;
    private boolean bringsBack;

    MemberChanges(SimulatedCluster cluster, List<SimulatedMachine> minority, UntilMended until) {
        this.cluster = cluster;
        this.time = cluster.time();
        this.minority = minority;
        this.hosts = new HostChanges(cluster, minority, this, until);
    }

    /** Hosts that come and go. */
    HostChanges hosts() {
        return hosts;
    }

    /** Voters may be others than the founders from now on. */
    void begin() {
        begun = true;
    }

    /** Whether anything was ever asked for. */
    boolean begun() {
        return begun;
    }

    /** From now on whoever was taken away is given back, and every spare in service joins. */
    void bringBack() {
        bringsBack = true;
    }

    /** Whether everybody who isn't lost has a vote, once all are to be brought back. */
    boolean areAllBack() {
        Configuration now = configuration();
        return !begun
                || now != null
                        && now.committed()
                        && cluster.alive().stream().allMatch(m -> votes(now.membership(), m));
    }

    private static boolean votes(Membership now, SimulatedMachine machine) {
        ReplicaId member = now.on(machine.node());
        return member != null && now.voters().contains(member);
    }

    /** Looks after who needs it, until the run ends. */
    void watch() {
        time.after(
                LOOK_NANOS,
                "member changes",
                () -> {
                    Membership now = membership();
                    if (bringsBack && now != null) {
                        hosts.retireWitnesses(now);
                    }
                    for (SimulatedMachine machine : cluster.machines()) {
                        if (minority.contains(machine) || !cluster.isFounder(machine)) {
                            look(machine);
                        }
                    }
                    hosts.look();
                    watch();
                });
    }

    private void look(SimulatedMachine machine) {
        Membership now = membership();
        if (now == null || machine.isLost() || !machine.isUp()) {
            return;
        }
        ReplicaId named = now.on(machine.node());
        if (named != null && (machine.isAmnesiac() || isAnother(named))) {
            ask(List.of(step(Action.REPLACE, machine)), MembershipChange.ANY);
        } else if (bringsBack
                && machine.isFounded()
                && !isVoter(now, machine)
                && HostChanges.mayJoin(now, machine)) {
            ask(List.of(step(addition(machine), machine)), MembershipChange.ANY);
        }
    }

    /** Whether a leader took who lived there once for who lives there now. */
    private boolean isAnother(ReplicaId named) {
        ReplicaId present = cluster.safety().replicaOn(SimulatedCluster.GROUP, named.node());
        return present != null && !present.equals(named);
    }

    private static boolean isVoter(Membership now, SimulatedMachine machine) {
        ReplicaId member = now.on(machine.node());
        return member != null && (now.voters().contains(member) || now.joining().contains(member));
    }

    /** Something that an operator may want at that moment, or nearly so. */
    void change(SeededRandom dice) {
        Membership now = membership();
        if (now == null || minority.isEmpty()) {
            return;
        }
        List<MembershipChange.Step> steps = new ArrayList<>();
        List<SimulatedMachine> left = new ArrayList<>(minority);
        for (int i = dice.nextInt(minority.size()); i >= 0; i--) {
            SimulatedMachine machine = left.remove(dice.nextInt(left.size()));
            if (now.on(machine.node()) != null || HostChanges.mayJoin(now, machine)) {
                steps.add(step(action(now, machine, dice), machine));
            }
        }
        long expected = dice.chance(0.3) ? index() : MembershipChange.ANY;
        if (!steps.isEmpty()) {
            ask(steps, expected);
        }
    }

    private static Action action(Membership now, SimulatedMachine machine, SeededRandom dice) {
        ReplicaId member = now.on(machine.node());
        if (member == null) {
            return dice.chance(0.3) ? Action.ADD_LEARNER : addition(machine);
        } else if (machine.isAmnesiac()) {
            return Action.REPLACE;
        } else if (now.learners().contains(member)) {
            return dice.pick(List.of(Action.PROMOTE, Action.ADD_VOTER, Action.REMOVE));
        }
        return dice.chance(0.3) ? Action.DEMOTE : Action.REMOVE;
    }

    static Action addition(SimulatedMachine machine) {
        return machine.isWitness() ? Action.ADD_WITNESS : Action.ADD_VOTER;
    }

    static MembershipChange.Step step(Action action, SimulatedMachine machine) {
        return new MembershipChange.Step(action, machine.node());
    }

    /** As the leader sees it; null while there is none. */
    @Nullable Membership membership() {
        Configuration configuration = configuration();
        return configuration == null ? null : configuration.membership();
    }

    private long index() {
        Configuration configuration = configuration();
        return configuration == null ? MembershipChange.ANY : configuration.index();
    }

    @Nullable Configuration configuration() {
        SimulatedMachine leader = cluster.leader();
        RaftGroup group = leader == null ? null : leader.group();
        return group == null ? null : group.members();
    }

    void ask(List<MembershipChange.Step> steps, long expected) {
        SimulatedMachine leader = cluster.leader();
        RaftGroup group = leader == null ? null : leader.group();
        SimulatedProcess process = leader == null ? null : leader.process();
        if (leader == null || group == null || process == null || !leader.isResponsive()) {
            return;
        }
        begun = true;
        time.recent().note(() -> "operator asks " + leader.node() + " for " + steps);
        process.run(
                () -> {
                    var unused =
                            group.changeMembers(new MembershipChange(steps, expected))
                                    .whenComplete((done, error) -> ended(done, error));
                });
    }

    private void ended(@Nullable Configuration done, @Nullable Throwable error) {
        if (done != null) {
            time.sometimes().hit("members changed");
        } else {
            time.sometimes()
                    .hit(
                            error instanceof OutcomeUnknown
                                    ? "change of members: outcome unknown"
                                    : "change of members: refused");
        }
    }
}
