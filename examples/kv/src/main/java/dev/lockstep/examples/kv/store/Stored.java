package dev.lockstep.examples.kv.store;

import dev.lockstep.raft.model.Payload;

/**
 * What a key holds.
 *
 * @param value its bytes
 * @param deadlineMillis when it ends, in the log's time; {@link #NEVER} when it doesn't
 */
record Stored(Payload value, long deadlineMillis) {
    static final long NEVER = Long.MAX_VALUE;

    /**
     * That long after {@code nowMillis}; a time beyond all clocks stays a deadline, though nobody
     * will see it.
     */
    static long deadlineAfter(long nowMillis, long lifetimeMillis) {
        return lifetimeMillis >= NEVER - 1 - nowMillis ? NEVER - 1 : nowMillis + lifetimeMillis;
    }

    boolean isVolatile() {
        return deadlineMillis != NEVER;
    }

    Stored withValue(Payload other) {
        return new Stored(other, deadlineMillis);
    }

    Stored withDeadline(long millis) {
        return new Stored(value, millis);
    }
}
