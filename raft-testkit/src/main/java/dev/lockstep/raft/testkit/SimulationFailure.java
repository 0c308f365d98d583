package dev.lockstep.raft.testkit;

import static java.util.stream.Collectors.joining;

import java.util.List;

/** A run in which a promise was broken; its message says which, and how to run it again. */
public final class SimulationFailure extends AssertionError {
    private static final long serialVersionUID = 1;

    private final String what;

    SimulationFailure(
            long seed, FaultPlan plan, List<FaultAction> actions, String recent, Throwable cause) {
        super(
                "seed "
                        + seed
                        + ": "
                        + cause.getMessage()
                        + "\nreplay it with: raft-testkit/simulate --seeds 1 --from "
                        + seed
                        + " --trace\nplan: "
                        + plan
                        + "\nfaults:\n"
                        + actions.stream().map(FaultAction::toString).collect(joining("\n"))
                        + "\nlast events:\n"
                        + recent,
                cause);
        this.what = String.valueOf(cause.getMessage());
    }

    /** What went wrong, in a line. */
    String what() {
        return what;
    }
}
