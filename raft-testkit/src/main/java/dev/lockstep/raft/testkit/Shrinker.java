package dev.lockstep.raft.testkit;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Leaves out of a failing run whatever it fails without (delta debugging): first large parts of
 * what was done to the cluster, then smaller ones, then single actions. A run with an action less
 * is another run, so the result is one that fails in the same way, not the shortest of all.
 */
final class Shrinker {
    private final RaftSimulation simulation;
    private final String kind;
    private final long deadlineNanos;
    private List<FaultAction> left;
    private SimulationFailure failure;
    private int runs;

    private Shrinker(RaftSimulation simulation, SimulationFailure failure, int seconds) {
        this.simulation = simulation;
        this.failure = failure;
        this.kind = kind(failure);
        this.left = simulation.actions();
        this.deadlineNanos = System.nanoTime() + seconds * 1_000_000_000L;
    }

    /** The run that is left after at most so many seconds, for people. */
    static String shrunk(RaftSimulation simulation, SimulationFailure failure, int seconds) {
        Shrinker shrinker = new Shrinker(simulation, failure, seconds);
        shrinker.shrink();
        return shrinker.toString();
    }

    private void shrink() {
        int part = left.size();
        while (part > 0 && hasTime()) {
            boolean shorter = false;
            for (int from = 0; from < left.size() && hasTime(); ) {
                List<FaultAction> rest = new ArrayList<>(left.subList(0, from));
                rest.addAll(left.subList(Math.min(from + part, left.size()), left.size()));
                if (stillFails(rest)) {
                    left = rest;
                    shorter = true;
                } else {
                    from += part;
                }
            }
            if (!shorter || part > left.size()) {
                part = Math.min(part / 2, left.size());
            }
        }
    }

    private boolean hasTime() {
        return System.nanoTime() - deadlineNanos < 0;
    }

    private boolean stillFails(List<FaultAction> actions) {
        runs++;
        try {
            simulation.only(numbers(actions)).run();
            return false;
        } catch (SimulationFailure again) {
            if (!kind(again).equals(kind)) {
                return false;
            }
            failure = again;
            return true;
        }
    }

    private static Set<Integer> numbers(List<FaultAction> actions) {
        return new TreeSet<>(actions.stream().map(FaultAction::number).toList());
    }

    /** What went wrong, without the numbers and names that differ from run to run. */
    static String kind(SimulationFailure failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = String.valueOf(cause.getMessage()).replaceAll("[0-9]+", "#");
        return cause.getClass().getSimpleName()
                + " "
                + message.substring(0, Math.min(message.length(), 24));
    }

    @Override
    public String toString() {
        String numbers =
                left.stream()
                        .map(action -> Integer.toString(action.number()))
                        .collect(joining(","));
        return String.format(
                "shrunk in %d runs to %d actions, after which it still fails so: %s%n%s%n"
                        + "replay these with: %s, and only %s",
                runs,
                left.size(),
                failure.what(),
                left.stream().map(FaultAction::toString).collect(joining("\n")),
                simulation.replay(),
                numbers.isEmpty() ? "0" : numbers);
    }
}
