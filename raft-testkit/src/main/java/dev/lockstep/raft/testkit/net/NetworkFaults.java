package dev.lockstep.raft.testkit.net;

import dev.lockstep.raft.testkit.sim.SeededRandom;

/**
 * How bad a network is. Times in nanoseconds, chances from 0 to 1 for each message.
 *
 * @param minLatencyNanos the least that a message takes
 * @param maxLatencyNanos the most that it takes when nothing is wrong
 * @param dropChance it never arrives
 * @param duplicateChance it arrives twice
 * @param reorderChance it takes up to {@code maxReorderNanos} longer and may be overtaken;
 *     otherwise messages between two hosts arrive in order
 * @param maxReorderNanos how late such a message may be
 * @param outlivesConnections whether a message may still arrive when the connection that it was
 *     sent on has broken, or even when sender and receiver have been restarted since. No TCP does
 *     that; Raft must bear it
 * @param trimChance of the entries that an append brings, only some or none arrive, as if its
 *     sender made smaller batches: another version may, and what one message proves must not rest
 *     on how this one fills them
 */
public record NetworkFaults(
        long minLatencyNanos,
        long maxLatencyNanos,
        double dropChance,
        double duplicateChance,
        double reorderChance,
        long maxReorderNanos,
        boolean outlivesConnections,
        double trimChance) {
    /** A good local network. */
    public static final NetworkFaults NONE =
            new NetworkFaults(50_000, 500_000, 0, 0, 0, 1, false, 0);

    long latencyNanos(SeededRandom random) {
        return minLatencyNanos + random.nextLong(maxLatencyNanos - minLatencyNanos + 1);
    }
}
