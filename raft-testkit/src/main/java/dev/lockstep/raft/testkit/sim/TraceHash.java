package dev.lockstep.raft.testkit.sim;

/**
 * A running 64-bit fold of all that happened in a run: two runs with equal values took the same
 * steps.
 */
public final class TraceHash {
    private long value;
    private long events;

    TraceHash() {}

    void add(long timeNanos, String kind, int owner) {
        value = SeededRandom.mix(value + timeNanos ^ ((long) kind.hashCode() << 20) ^ owner);
        events++;
    }

    /** Folds in something that a component did within an event, such as the bytes that it wrote. */
    public void add(long detail) {
        value = SeededRandom.mix(value + detail);
    }

    /** The fold of all events so far. */
    public long value() {
        return value;
    }

    /** How many events were executed. */
    public long events() {
        return events;
    }

    @Override
    public String toString() {
        return String.format("%016x", value);
    }
}
