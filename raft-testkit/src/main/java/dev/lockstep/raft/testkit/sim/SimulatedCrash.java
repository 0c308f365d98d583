package dev.lockstep.raft.testkit.sim;

/**
 * Thrown where a simulated process dies in the middle of a call. It is an error, so that no handler
 * of exceptions takes it for a failure that the process lives through; whatever the code does on
 * its way out reaches nothing.
 */
public final class SimulatedCrash extends Error {
    private static final long serialVersionUID = 1;

    public SimulatedCrash(String where) {
        super(where, null, false, false);
    }
}
