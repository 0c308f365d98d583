package dev.lockstep.raft.testkit;

import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * One thing that the nemesis does. All of a run are drawn before it begins, so that a run can be
 * repeated with some of them left out.
 *
 * @param number its place among all of its run, from 1
 * @param atNanos when
 * @param kind what
 * @param leader whether the victim is whoever leads then
 * @param victim the number of the machine that it befalls otherwise, from 0
 * @param lastsNanos how long it is down, cut, hung or slow
 * @param dice everything else that needs chance is drawn from it
 */
record FaultAction(
        int number,
        long atNanos,
        FaultKind kind,
        boolean leader,
        int victim,
        long lastsNanos,
        long dice) {
    private static final double SECOND = 1e9;

    /** Half of what befalls somebody befalls the leader, with whom most goes wrong. */
    private static final double LEADER_CHANCE = 0.4;

    private static final long MAX_LASTS_NANOS = 4_000_000_000L;

    /** All that a plan asks for between two times, in order. */
    static List<FaultAction> drawn(FaultPlan plan, SeededRandom seed, long from, long to) {
        List<FaultAction> drawn = new ArrayList<>();
        for (Map.Entry<FaultKind, Double> each : plan.meanSeconds().entrySet()) {
            SeededRandom random = seed.fork("nemesis " + each.getKey());
            long at = from;
            while (true) {
                at += (long) ((0.1 + 1.8 * random.nextDouble()) * each.getValue() * SECOND);
                if (at >= to) {
                    break;
                }
                drawn.add(
                        new FaultAction(
                                0,
                                at,
                                each.getKey(),
                                random.chance(LEADER_CHANCE),
                                random.nextInt(plan.nodes() + plan.spares()),
                                1 + random.nextLong(MAX_LASTS_NANOS),
                                random.nextLong()));
            }
        }
        drawn.sort(Comparator.comparingLong(FaultAction::atNanos).thenComparing(FaultAction::kind));
        for (int i = 0; i < drawn.size(); i++) {
            drawn.set(i, drawn.get(i).numbered(i + 1));
        }
        return drawn;
    }

    private FaultAction numbered(int its) {
        return new FaultAction(its, atNanos, kind, leader, victim, lastsNanos, dice);
    }

    @Override
    public String toString() {
        return String.format(
                "%3d. %s  %s, %s, for up to %s",
                number,
                VirtualTime.seconds(atNanos),
                kind,
                leader ? "the leader, else n" + (victim + 1) : "n" + (victim + 1),
                VirtualTime.seconds(lastsNanos));
    }
}
