package dev.lockstep.raft.testkit.explore;

import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/** The command {@code raft-testkit/explore --states N}. */
public final class Explore {
    private static final long DEFAULT_STATES = 10_000_000;

    private Explore() {}

    /**
     * Explores each scene until all together have met so many distinct states; prints figures, the
     * sum in the last line.
     *
     * @param arguments as in the command
     */
    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out));
    }

    static int run(String[] arguments, PrintStream out) {
        long states = DEFAULT_STATES;
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("--states") && i + 1 < arguments.length) {
                states = Long.parseLong(arguments[++i]);
            } else {
                out.println("usage: explore --states N");
                return 2;
            }
        }
        long met = 0;
        long transitions = 0;
        StringBuilder depths = new StringBuilder();
        long start = System.nanoTime();
        @Nullable Violation violation = null;
        Scene[] scenes = Scene.values();
        for (int i = 0; i < scenes.length && violation == null; i++) {
            Explorer explorer = new Explorer(scenes[i], (states - met) / (scenes.length - i), out);
            violation = explorer.run();
            met += explorer.states();
            transitions += explorer.transitions();
            depths.append(i == 0 ? "" : " and ").append(explorer.depth());
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        out.printf(
                "%,d distinct states, all to depth %s, %,d transitions, %d violations, in %.1f s"
                        + " (%,.0f transitions/s)%n",
                met,
                depths,
                transitions,
                violation == null ? 0 : 1,
                seconds,
                transitions / seconds);
        return violation == null ? 0 : 1;
    }
}
