package dev.lockstep.raft.testkit.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Goes through all states that can be reached within bounds, nearest first, until it has met a
 * number of distinct ones, or all, or one that breaks a promise; the way there is then a shortest
 * one. States are told apart by 64-bit digests: that two of ten million share one has a chance of
 * three in a million.
 */
final class Explorer {
    private static final long REPORT_NANOS = 5_000_000_000L;

    private final Space space;
    private final long most;
    private final Consumer<String> out;
    private final LongTable met;
    private final Trail trail = new Trail();
    private final List<IntQueue> frontier = new ArrayList<>();
    static final int W = Integer.getInteger("w", 1);
    private final long startNanos = System.nanoTime();
    private long reportedNanos = startNanos;
    private int depth;
    private long transitions;
    private boolean all;
    private @Nullable Violation violation;
    private List<String> way = List.of();

    /**
     * @param most distinct states after which it ends
     * @param out gets a line every few seconds
     */
    Explorer(Bounds bounds, long most, Consumer<String> out) {
        this.space = new Space(new Cast(3), bounds);
        this.most = most;
        this.out = out;
        this.met = new LongTable((int) Math.min(most, 1 << 24));
    }

    void run() {
        List<Beginning> beginnings = List.of(Beginning.values());
        for (Beginning beginning : beginnings) {
            int[] state = beginning.in(space);
            if (met.add(space.digest(state))) {
                int[] numbered = Arrays.copyOf(state, state.length + 1);
                numbered[state.length] = trail.addRoot(beginning.ordinal());
                at(0).add(numbered);
            }
        }
        while (depth < frontier.size()) {
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
            depth++;
        }
        all = true;
    }

    private void expand(int number, int[] state) {
        space.successors(
                state,
                new Space.Successors() {
                    @Override
                    public void next(int action, int[] next) {
                        transitions++;
                        if (met.add(space.digest(next))) {
                            int[] numbered = Arrays.copyOf(next, next.length + 1);
                            numbered[next.length] = trail.add(number, action);
                            int cost = space.isEvent(action) ? W : 1;
                            at(depth + cost).add(numbered);
                        }
                    }

                    @Override
                    public void broken(int action, Violation why) {
                        if (violation == null) {
                            violation = why;
                            List<Integer> actions = new ArrayList<>(trail.to(number));
                            actions.add(action);
                            Beginning from = Beginning.values()[trail.beginningOf(number)];
                            way = new Narrator(space).tell(from, actions);
                        }
                    }
                });
    }

    private IntQueue at(int cost) {
        while (frontier.size() <= cost) {
            frontier.add(new IntQueue());
        }
        return frontier.get(cost);
    }

    private void report() {
        if ((transitions & 0xff) == 0 && System.nanoTime() - reportedNanos > REPORT_NANOS) {
            reportedNanos = System.nanoTime();
            out.accept(figures());
        }
    }

    @Nullable Violation violation() {
        return violation;
    }

    /** The actions that lead to the violation, in words. */
    List<String> way() {
        return way;
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

    String figures() {
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
