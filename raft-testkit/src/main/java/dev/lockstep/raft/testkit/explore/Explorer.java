package dev.lockstep.raft.testkit.explore;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Goes through all states that can be reached within bounds, nearest first, until it has met a
 * number of distinct ones, or all, or one that breaks a promise; the way there is then a shortest
 * one. States are told apart by 64-bit digests: that two of ten million share one has a chance of
 * three in a million.
 */
final class Explorer {
    /**
     * As how many deliveries an event from outside counts. Were it one, nearly all of the states
     * would be those after a few events of which nothing has come yet.
     */
    private static final int EVENT = 3;

    private static final long REPORT_NANOS = 5_000_000_000L;

    private final Scene scene;
    private final Bounds bounds;
    private final Space space;
    private final long most;
    private final PrintStream out;
    private final LongTable met;
    private final Trail trail = new Trail();
    private final List<IntQueue> frontier = new ArrayList<>();
    private final List<List<Integer>> beginnings = new ArrayList<>();
    private final long startNanos = System.nanoTime();
    private long reportedNanos = startNanos;
    private int depth;
    private long transitions;
    private boolean all;
    private @Nullable Violation violation;
    private List<String> way = List.of();

    /**
     * @param most distinct states after which it ends
     * @param out gets a line every few seconds, and the way to a violation
     */
    Explorer(Scene scene, long most, PrintStream out) {
        this(scene, scene.bounds(), most, out);
    }

    /** With other bounds than the scene's own. */
    Explorer(Scene scene, Bounds bounds, long most, PrintStream out) {
        this.scene = scene;
        this.bounds = bounds;
        this.space = new Space(scene.cast(), bounds);
        this.most = most;
        this.out = out;
        this.met = new LongTable((int) Math.min(most, 1 << 24));
    }

    /** Explores, and prints what it does and how it ends; null when no promise was broken. */
    @Nullable Violation run() {
        out.println(scene + ": " + scene.size + " servers, " + bounds);
        begin();
        search();
        out.println(figures());
        if (violation != null) {
            out.println("VIOLATION " + violation.getMessage());
            way.forEach(out::println);
        }
        return violation;
    }

    private void search() {
        for (; violation == null && depth < frontier.size(); depth++) {
            IntQueue queue = frontier.get(depth);
            while (!queue.isEmpty()) {
                int[] numbered = queue.remove();
                int last = numbered.length - 1;
                expand(numbered[last], Arrays.copyOf(numbered, last));
                if (violation != null || met.size() >= most) {
                    return;
                }
                report();
            }
        }
        all = violation == null;
    }

    private void begin() {
        for (Beginning beginning : scene.beginnings()) {
            Script script = new Script(space);
            try {
                beginning.play(script);
            } catch (Violation why) {
                found(why, script.actions(), List.of());
                return;
            }
            beginnings.add(script.actions());
            int[] state = script.end();
            if (met.add(space.digest(state))) {
                enqueue(0, state, trail.addRoot(beginnings.size() - 1));
            }
        }
    }

    /** The state waits to be expanded with those that are as far from the beginning. */
    private void enqueue(int distance, int[] state, int number) {
        while (frontier.size() <= distance) {
            frontier.add(new IntQueue());
        }
        int[] numbered = Arrays.copyOf(state, state.length + 1);
        numbered[state.length] = number;
        frontier.get(distance).add(numbered);
    }

    private void found(Violation why, List<Integer> before, List<Integer> after) {
        if (violation == null) {
            violation = why;
            List<Integer> actions = new ArrayList<>(before);
            actions.addAll(after);
            way = new Narrator(space).tell(actions);
        }
    }

    private List<Integer> beginningOf(int number) {
        return beginnings.get(trail.beginningOf(number));
    }

    private List<Integer> actionsTo(int number, int action) {
        List<Integer> actions = new ArrayList<>(trail.to(number));
        actions.add(action);
        return actions;
    }

    private void expand(int number, int[] state) {
        space.successors(
                state,
                new Space.Successors() {
                    @Override
                    public void next(int action, int[] next) {
                        transitions++;
                        if (met.add(space.digest(next))) {
                            enqueue(
                                    depth + (space.isEvent(action) ? EVENT : 1),
                                    next,
                                    trail.add(number, action));
                        }
                    }

                    @Override
                    public void broken(int action, Violation why) {
                        found(why, beginningOf(number), actionsTo(number, action));
                    }
                });
    }

    private void report() {
        if ((transitions & 0xff) == 0 && System.nanoTime() - reportedNanos > REPORT_NANOS) {
            reportedNanos = System.nanoTime();
            out.println(figures());
        }
    }

    long transitions() {
        return transitions;
    }

    long states() {
        return met.size();
    }

    int depth() {
        return depth;
    }

    /** Whether no state within the bounds was left out. */
    boolean isComplete() {
        return all;
    }

    private String figures() {
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        return String.format(
                "%,d states%s, all to depth %d%s; %,d transitions in %.1f s (%,.0f/s);"
                        + " %,d states of single servers, %,d core steps",
                met.size(),
                all ? " (all within the bounds)" : "",
                depth,
                all ? "" : ", some at " + (depth + 1),
                transitions,
                seconds,
                transitions / seconds,
                space.servers.count(),
                space.servers.steps());
    }
}
