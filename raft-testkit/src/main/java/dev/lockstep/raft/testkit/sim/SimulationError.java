package dev.lockstep.raft.testkit.sim;

/** Something went wrong in a simulated run: a rule is broken, or a task threw. */
public final class SimulationError extends AssertionError {
    private static final long serialVersionUID = 1;

    public SimulationError(String message) {
        super(message);
    }

    public SimulationError(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
