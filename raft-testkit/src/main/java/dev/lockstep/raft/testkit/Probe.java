package dev.lockstep.raft.testkit;

import dev.lockstep.raft.testkit.check.Operation;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.SimulationError;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks each of some machines for a write, which a witness forwards, and a read; all of them must
 * succeed.
 */
final class Probe<I, O> {
    private static final long PAUSE_NANOS = 50_000_000;
    private static final int DRAWS = 1_000;

    private final Workload<I, O> workload;
    private final SeededRandom random;
    private final boolean again;
    private final List<String> open = new ArrayList<>();

    private Probe(Workload<I, O> workload, boolean again) {
        this.workload = workload;
        this.again = again;
        this.random = workload.cluster().time().random().fork("probe " + again);
    }

    /** Nothing may fail. */
    static <I, O> Probe<I, O> once(Workload<I, O> workload, List<SimulatedMachine> machines) {
        return new Probe<>(workload, false).on(machines);
    }

    /** What fails is tried again. */
    static <I, O> Probe<I, O> untilDone(Workload<I, O> workload, List<SimulatedMachine> machines) {
        return new Probe<>(workload, true).on(machines);
    }

    private Probe<I, O> on(List<SimulatedMachine> machines) {
        for (SimulatedMachine machine : machines) {
            ask(machine, drawn(false));
            if (!machine.isWitness()) {
                ask(machine, drawn(true));
            }
        }
        return this;
    }

    boolean answered() {
        return open.isEmpty();
    }

    List<String> unanswered() {
        return open;
    }

    /** A read or a write, or anything where the application has no such thing. */
    private I drawn(boolean read) {
        I input = workload.application().draw(random);
        for (int i = 0; i < DRAWS && workload.application().isRead(input) != read; i++) {
            input = workload.application().draw(random);
        }
        return input;
    }

    private void ask(SimulatedMachine machine, I input) {
        String what = "'" + input + "' on " + machine.node();
        open.add(what);
        attempt(machine, input, what);
    }

    private void attempt(SimulatedMachine machine, I input, String what) {
        if (machine.isResponsive()) {
            new Attempt<>(workload, machine, workload.nextClient(), input)
                    .then((attempt, outcome) -> ended(machine, input, what, outcome))
                    .begin();
        } else {
            later(machine, input, what);
        }
    }

    private void ended(SimulatedMachine machine, I input, String what, Operation.Outcome outcome) {
        if (outcome == Operation.Outcome.OK) {
            open.remove(what);
        } else if (again) {
            later(machine, input, what);
        } else {
            workload.cluster()
                    .time()
                    .fail(new SimulationError("all is well, but " + what + " ended as " + outcome));
        }
    }

    private void later(SimulatedMachine machine, I input, String what) {
        workload.cluster().time().after(PAUSE_NANOS, "probe", () -> attempt(machine, input, what));
    }
}
