package dev.lockstep.raft.testkit.net;

/** What the network remembers of one direction between two hosts. */
final class Wire {
    /** Whether everything that is sent this way vanishes. */
    boolean cut;

    /** Added to each message's latency: a slow link. */
    long slownessNanos;

    /** When the latest message that keeps the order arrives. */
    long lastArrivalNanos;

    int inFlight;
}
