package dev.lockstep.raft.model;

/** What room a host has for its log. */
public enum LogRoom {
    /** All is well. */
    ENOUGH,
    /** The log has come to the bound that it was given, and waits for snapshots. */
    AT_BOUND,
    /** The disk takes no more: it is full, a quota is, or it was made read-only. */
    DISK_FULL
}
