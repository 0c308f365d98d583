package dev.lockstep.raft.testkit.net;

/** What happened to the messages of a run so far. */
public record NetworkFigures(
        long sent,
        long delivered,
        long dropped,
        long duplicated,
        long reordered,
        long connections) {}
