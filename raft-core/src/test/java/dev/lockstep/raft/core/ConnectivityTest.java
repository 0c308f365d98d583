package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Which directed graphs of who reaches whom always elect a leader that can commit, whoever led
 * before and whoever holds the freshest log. {@code docs/guarantees.md} states what is found here.
 */
class ConnectivityTest {
    private static final long E = GraphWorld.ELECTION_NANOS;
    private static final long LIMIT = 40 * E;

    /** How long it took, for each case; {@code LIMIT} when nobody could. */
    private final List<Long> times = new ArrayList<>();

    private final List<String> failed = new ArrayList<>();
    private long graphs;
    private long stable;
    private long wandering;

    /**
     * A server that reaches a majority both ways and holds a log as fresh as any within that reach
     * must be able to lead.
     */
    private static boolean mustElect(long graph, int size, int fresh) {
        for (int hub = 0; hub < size; hub++) {
            if (GraphWorld.reachesMajority(graph, size, hub)
                    && ((fresh >> hub & 1) == 1 || staleMajority(graph, size, hub, fresh))) {
                return true;
            }
        }
        return false;
    }

    /** Whether a majority that a stale hub reaches both ways is as stale. */
    private static boolean staleMajority(long graph, int size, int hub, int fresh) {
        int stale = 1;
        for (int other = 0; other < size; other++) {
            if (other != hub
                    && (fresh >> other & 1) == 0
                    && GraphWorld.passes(graph, size, hub, other)
                    && GraphWorld.passes(graph, size, other, hub)) {
                stale++;
            }
        }
        return stale > size / 2;
    }

    private static long completeGraph(int size) {
        return (1L << size * size) - 1;
    }

    /** Nobody leads yet, and each log may be the freshest. */
    private void withoutLeader(int size, long graph, int fresh, long seed) {
        GraphWorld world = new GraphWorld(size, fresh, seed);
        world.setGraph(graph);
        judge(world, graph, "fresh logs " + Integer.toBinaryString(fresh), seed);
    }

    /** Somebody leads, all is well, then the network breaks. */
    private void afterALeader(int size, long graph, long seed) {
        GraphWorld world = new GraphWorld(size, 0, seed);
        world.setGraph(completeGraph(size));
        assertThat(world.runUntilLed(LIMIT)).isTrue();
        world.run(world.now() + E);
        String led = "led by " + (world.workingLeader() + 1);
        world.setGraph(graph);
        judge(world, graph, led, seed);
    }

    private void judge(GraphWorld world, long graph, String how, long seed) {
        graphs++;
        long begin = world.now();
        // A leader that was cut off a moment ago doesn't know it yet.
        boolean led = world.runUntilLed(begin + LIMIT);
        times.add(led ? world.now() - begin : LIMIT);
        if (!led) {
            failed.add(Long.toBinaryString(graph) + " of " + world.size + ", " + how + ", " + seed);
            return;
        }
        world.run(world.now() + 4 * E);
        int leader = world.workingLeader();
        long term = world.highestTerm();
        world.run(world.now() + 8 * E);
        if (leader >= 0 && world.workingLeader() == leader && world.highestTerm() == term) {
            stable++;
        } else {
            wandering++;
        }
    }

    private long percentile(double part) {
        List<Long> sorted = new ArrayList<>(times);
        sorted.sort(null);
        return sorted.get((int) Math.min(sorted.size() - 1L, (long) (sorted.size() * part)));
    }

    private void report(String what) {
        System.out.printf(
                "%s: %d cases, %d without a leader, 50%% within %.2f, 99%% within %.2f, all within %.2f"
                        + " election timeouts; %d stay, %d wander%n",
                what,
                graphs,
                failed.size(),
                percentile(0.5) / (double) E,
                percentile(0.99) / (double) E,
                percentile(1) / (double) E,
                stable,
                wandering);
    }

    @Test
    void everyGraphOfThreeWithAFreshHubElectsWithinFourElectionTimeouts() {
        for (long edges = 0; edges < 512; edges++) {
            if ((edges & 0b100_010_001) != 0) {
                continue; // nobody sends to itself
            }
            for (long seed = 1; seed <= 5; seed++) {
                for (int fresh = 1; fresh < 8; fresh++) {
                    if (mustElect(edges, 3, fresh)) {
                        withoutLeader(3, edges, fresh, seed);
                    }
                }
                if (mustElect(edges, 3, 0)) {
                    afterALeader(3, edges, seed);
                }
            }
        }
        report("3 servers, all graphs");
        assertThat(failed).isEmpty();
        assertThat(percentile(0.99)).isLessThanOrEqualTo(4 * E);
    }

    @Test
    void graphsOfFiveWithAFreshHubElectWithinFourElectionTimeouts() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 3_000; i++) {
            long edges = 0;
            double density = random.nextDouble();
            for (int from = 0; from < 5; from++) {
                for (int to = 0; to < 5; to++) {
                    if (from != to && random.nextDouble() < density) {
                        edges |= 1L << (from * 5 + to);
                    }
                }
            }
            int fresh = 1 + random.nextInt(31);
            if (mustElect(edges, 5, fresh)) {
                withoutLeader(5, edges, fresh, i);
            }
            if (mustElect(edges, 5, 0)) {
                afterALeader(5, edges, i);
            }
        }
        report("5 servers, sampled");
        assertThat(graphs).isGreaterThan(1_000);
        assertThat(failed).isEmpty();
        assertThat(percentile(0.99)).isLessThanOrEqualTo(4 * E);
    }

    @Test
    void aHubWhoseLogIsStaleCanNotWin() {
        // A star: only the hub reaches a majority both ways, and all others hold one entry more.
        long star = 0;
        for (int leaf = 1; leaf < 5; leaf++) {
            star |= 1L << leaf | 1L << (leaf * 5);
        }
        assertThat(mustElect(star, 5, 0b11110)).isFalse();
        GraphWorld world = new GraphWorld(5, 0b11110, 1);
        world.setGraph(star);
        assertThat(world.runUntilLed(LIMIT)).isFalse();
        GraphWorld fresh = new GraphWorld(5, 0b11111, 1);
        fresh.setGraph(star);
        assertThat(fresh.runUntilLed(LIMIT)).isTrue();
    }
}
