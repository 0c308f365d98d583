package dev.lockstep.raft.model;

/** The part that a replica plays in its group. */
public enum Role {
    /**
     * The initial voters have not all confirmed the founding yet; nobody votes, acknowledges or
     * campaigns.
     */
    FOUNDING,
    FOLLOWER,
    /** Asks whether it would be elected, without a new term (§9.6). */
    PRE_CANDIDATE,
    CANDIDATE,
    LEADER,
    /** Stopped for good by a named {@link Fault}, until it is opened again. */
    HALTED
}
