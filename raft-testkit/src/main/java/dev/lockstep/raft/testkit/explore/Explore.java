package dev.lockstep.raft.testkit.explore;

import java.io.PrintStream;

/** The command {@code raft-testkit/explore --states N}. */
public final class Explore {
    private Explore() {}

    /**
     * Explores until so many distinct states are met; prints figures, the sum in the last line.
     *
     * @param arguments as in the command
     */
    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out));
    }

    static int run(String[] arguments, PrintStream out) {
        long states = 10_000_000;
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("--states") && i + 1 < arguments.length) {
                states = Long.parseLong(arguments[++i]);
            } else {
                out.println("usage: explore --states N");
                return 2;
            }
        }
        Bounds bounds = Bounds.DEFAULT;
        out.println("3 servers, " + bounds);
        Explorer explorer = new Explorer(bounds, states, out::println);
        explorer.run();
        Violation violation = explorer.violation();
        if (violation != null) {
            out.println("VIOLATION " + violation.getMessage());
            explorer.way().forEach(out::println);
        }
        out.println(explorer.figures() + "; " + (violation == null ? 0 : 1) + " violations");
        return violation == null ? 0 : 1;
    }
}
