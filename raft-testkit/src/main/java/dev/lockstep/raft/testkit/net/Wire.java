package dev.lockstep.raft.testkit.net;

import dev.lockstep.raft.spi.Lane;

/** What the network remembers of one direction between two hosts. */
final class Wire {
    final Link link;

    Wire(Link link) {
        this.link = link;
    }

    /** How many cuts let everything vanish that is sent this way. */
    int cuts;

    /** Added to each message's latency: a slow link. */
    long slownessNanos;

    private final OfLane control = new OfLane();
    private final OfLane log = new OfLane();
    private final OfLane snapshot = new OfLane();

    /** Messages of one lane keep their order, as in the production transport. */
    static final class OfLane {
        /** Nothing arrives before: what is sent until then comes all at once. */
        long cloggedUntilNanos;

        /** When the latest message that keeps the order arrives. */
        long lastArrivalNanos;

        int inFlight;
    }

    OfLane of(Lane lane) {
        return switch (lane) {
            case CONTROL -> control;
            case LOG -> log;
            case SNAPSHOT -> snapshot;
        };
    }

    boolean isCut() {
        return cuts > 0;
    }
}
