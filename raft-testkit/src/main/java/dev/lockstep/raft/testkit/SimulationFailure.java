package dev.lockstep.raft.testkit;

import static java.util.stream.Collectors.joining;

import java.util.List;

/** A run in which a promise was broken; its message says which, and how to run it again. */
public final class SimulationFailure extends AssertionError {
    private static final long serialVersionUID = 1;

    private final String what;

    SimulationFailure(
            long seed,
            String replay,
            FaultPlan plan,
            List<FaultAction> actions,
            String recent,
            Throwable cause) {
        super(
                String.format(
                        "seed %d: %s%nreplay it with: %s%nplan: %s%nfaults:%n%s%nlast events:%n%s",
                        seed,
                        cause.getMessage(),
                        replay,
                        plan,
                        actions.stream().map(FaultAction::toString).collect(joining("\n")),
                        recent),
                cause);
        this.what = String.valueOf(cause.getMessage());
    }

    private SimulationFailure(String message, SimulationFailure cause) {
        super(message, cause.getCause());
        this.what = cause.what;
    }

    /** The same, and what a shorter run of the same kind is. */
    SimulationFailure shrunk(String shorter) {
        return new SimulationFailure(getMessage() + "\n" + shorter, this);
    }

    /** What went wrong, in a line. */
    String what() {
        return what;
    }
}
