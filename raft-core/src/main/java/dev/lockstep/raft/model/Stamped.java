package dev.lockstep.raft.model;

/**
 * An answer of the state machine, and where in the log it was given. Whoever reads on, on whichever
 * replica, at least at this index sees no older state than this answer did.
 *
 * @param index of a command, the index of its entry; of a read, that of the last entry that the
 *     state machine had seen
 * @param answer what the state machine said
 */
public record Stamped(long index, Payload answer) {}
