package dev.lockstep.raft.testkit;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The command {@code raft-testkit/simulate --seeds N [--from S] [--only 1,5,9] [--trace] [--shrink
 * SECONDS]}.
 */
public final class Simulate {
    private static final int TRACED_EVENTS = 20_000;
    private static final String USAGE =
            "usage: simulate --seeds N [--from S] [--only 1,5,9] [--trace] [--shrink SECONDS]";

    private final List<SimulationReport> reports = new ArrayList<>();
    private final List<Long> failed = new ArrayList<>();
    private final PrintStream out;
    private long seeds = 100;
    private long from = 1;
    private int shrinkSeconds = 20;
    private boolean trace;
    private Set<Integer> only = Set.of();

    private Simulate(PrintStream out) {
        this.out = out;
    }

    /**
     * Runs seeds one after the other and prints figures, the sum of them in the last line.
     *
     * @param arguments as in the command
     */
    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out));
    }

    static int run(String[] arguments, PrintStream out) {
        Simulate command = new Simulate(out);
        if (!command.parse(arguments)) {
            out.println(USAGE);
            return 2;
        }
        return command.run();
    }

    private boolean parse(String[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            String option = arguments[i];
            if (option.equals("--trace")) {
                trace = true;
                continue;
            }
            if (i + 1 == arguments.length) {
                return false;
            }
            String value = arguments[++i];
            switch (option) {
                case "--seeds" -> seeds = Long.parseLong(value);
                case "--from" -> from = Long.parseLong(value);
                case "--shrink" -> shrinkSeconds = Integer.parseInt(value);
                case "--only" -> only = numbers(value);
                default -> {
                    return false;
                }
            }
        }
        return true;
    }

    private static Set<Integer> numbers(String list) {
        Set<Integer> numbers = new TreeSet<>();
        for (String number : list.split(",", -1)) {
            numbers.add(Integer.parseInt(number.strip()));
        }
        return numbers;
    }

    private int run() {
        for (long seed = from; seed < from + seeds; seed++) {
            runOne(seed);
        }
        out.print(Expected.table(reports));
        boolean blind = seeds >= Expected.FAIR_NUMBER && !Expected.missing(reports).isEmpty();
        if (blind) {
            out.println("VIOLATION: never reached: " + Expected.missing(reports));
        }
        out.println(sum());
        return failed.isEmpty() && !blind ? 0 : 1;
    }

    private void runOne(long seed) {
        RaftSimulation simulation = new RaftSimulation(seed);
        if (trace) {
            simulation.keepEvents(TRACED_EVENTS);
        }
        if (!only.isEmpty()) {
            simulation.only(only);
        }
        try {
            SimulationReport report = simulation.run();
            reports.add(report);
            out.println(report);
        } catch (SimulationFailure failure) {
            failed.add(seed);
            out.println("VIOLATION " + failure.getMessage());
            if (shrinkSeconds > 0 && only.isEmpty()) {
                out.println(Shrinker.shrunk(simulation, failure, shrinkSeconds));
            }
        }
    }

    private String sum() {
        List<SimulationReport> small = reports.stream().filter(r -> r.nodes() == 3).toList();
        return String.format(
                "%d seeds, %d violations%s; %.0f s virtual in %.1f s, %.1f s of a core (%.0f times"
                        + " real time per core; %.0f times with 3 servers); %d events, %d elections,"
                        + " %d faults, %d messages, %d ok, %d unknown, %d failed",
                reports.size() + failed.size(),
                failed.size(),
                failed.isEmpty() ? "" : " " + failed,
                virtual(reports),
                reports.stream().mapToLong(SimulationReport::realNanos).sum() / 1e9,
                cpu(reports),
                virtual(reports) / cpu(reports),
                virtual(small) / cpu(small),
                reports.stream().mapToLong(SimulationReport::events).sum(),
                reports.stream().mapToLong(SimulationReport::elections).sum(),
                reports.stream().mapToLong(SimulationReport::faultCount).sum(),
                reports.stream().mapToLong(SimulationReport::messages).sum(),
                reports.stream().mapToLong(SimulationReport::ok).sum(),
                reports.stream().mapToLong(SimulationReport::unknown).sum(),
                reports.stream().mapToLong(SimulationReport::failed).sum());
    }

    private static double virtual(List<SimulationReport> of) {
        return of.stream().mapToLong(SimulationReport::virtualNanos).sum() / 1e9;
    }

    private static double cpu(List<SimulationReport> of) {
        return Math.max(1, of.stream().mapToLong(SimulationReport::cpuNanos).sum()) / 1e9;
    }
}
