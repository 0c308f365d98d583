package dev.lockstep.raft.spi;

/** What a read promises. */
public enum ReadLevel {
    /**
     * Sees every write that was acknowledged anywhere before the read began (§6.4). Needs a live
     * quorum.
     */
    LINEARIZABLE,
    /** Sees what this replica has applied, which may be old. Needs nobody. */
    LOCAL
}
