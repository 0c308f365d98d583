package dev.lockstep.raft.testkit.check;

/** The replicas broke a promise of Raft. */
public final class SafetyBreach extends AssertionError {
    private static final long serialVersionUID = 1;

    SafetyBreach(String what) {
        super(what);
    }
}
