package dev.lockstep.raft.testkit;

/** A run in which a promise was broken; its message says which, and how to run it again. */
public final class SimulationFailure extends AssertionError {
    private static final long serialVersionUID = 1;

    SimulationFailure(long seed, FaultPlan plan, String recent, Throwable cause) {
        super(
                "seed "
                        + seed
                        + ": "
                        + cause.getMessage()
                        + "\nreplay it with: raft-testkit/simulate --seeds 1 --from "
                        + seed
                        + " --trace\nplan: "
                        + plan
                        + "\nlast events:\n"
                        + recent,
                cause);
    }
}
