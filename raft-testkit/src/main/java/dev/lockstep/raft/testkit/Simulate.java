package dev.lockstep.raft.testkit;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** The command {@code raft-testkit/simulate --seeds N [--from S] [--trace]}. */
public final class Simulate {
    private static final int TRACED_EVENTS = 20_000;

    private Simulate() {}

    /**
     * Runs seeds one after the other and prints figures, the sum of them in the last line.
     *
     * @param arguments as in the command
     */
    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out));
    }

    static int run(String[] arguments, PrintStream out) {
        long seeds = 100;
        long from = 1;
        boolean trace = false;
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--seeds" -> seeds = Long.parseLong(arguments[++i]);
                case "--from" -> from = Long.parseLong(arguments[++i]);
                case "--trace" -> trace = true;
                default -> {
                    out.println("usage: simulate --seeds N [--from S] [--trace]");
                    return 2;
                }
            }
        }
        List<SimulationReport> reports = new ArrayList<>();
        List<Long> failed = new ArrayList<>();
        for (long seed = from; seed < from + seeds; seed++) {
            try {
                RaftSimulation simulation = new RaftSimulation(seed);
                SimulationReport report =
                        (trace ? simulation.keepEvents(TRACED_EVENTS) : simulation).run();
                reports.add(report);
                out.println(report);
            } catch (SimulationFailure failure) {
                failed.add(seed);
                out.println("VIOLATION " + failure.getMessage());
            }
        }
        out.println(sum(reports, failed));
        return failed.isEmpty() ? 0 : 1;
    }

    private static String sum(List<SimulationReport> reports, List<Long> failed) {
        double virtual = reports.stream().mapToLong(SimulationReport::virtualNanos).sum() / 1e9;
        double real = reports.stream().mapToLong(SimulationReport::realNanos).sum() / 1e9;
        return String.format(
                "%d seeds, %d violations%s; %.0f s virtual in %.1f s (%.0f times real time);"
                        + " %d events, %d elections, %d faults, %d messages, %d ok, %d unknown,"
                        + " %d failed",
                reports.size() + failed.size(),
                failed.size(),
                failed.isEmpty() ? "" : " " + failed,
                virtual,
                real,
                virtual / Math.max(real, 1e-9),
                reports.stream().mapToLong(SimulationReport::events).sum(),
                reports.stream().mapToLong(SimulationReport::elections).sum(),
                reports.stream()
                        .mapToLong(r -> r.faults().values().stream().mapToInt(i -> i).sum())
                        .sum(),
                reports.stream().mapToLong(SimulationReport::messages).sum(),
                reports.stream().mapToLong(SimulationReport::ok).sum(),
                reports.stream().mapToLong(SimulationReport::unknown).sum(),
                reports.stream().mapToLong(SimulationReport::failed).sum());
    }
}
