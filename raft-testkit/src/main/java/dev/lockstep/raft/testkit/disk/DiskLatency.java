package dev.lockstep.raft.testkit.disk;

import dev.lockstep.raft.testkit.sim.SeededRandom;

/**
 * How long a disk takes, in nanoseconds; {@linkplain
 * dev.lockstep.raft.testkit.sim.VirtualTime#spend spent} by the loop that calls.
 *
 * @param callNanos the most for a call that touches memory only: a read from the cache, a write
 *     before its sync
 * @param minSyncNanos the least for a sync
 * @param maxSyncNanos the most for a sync, when the disk isn't stuck
 * @param stuckChance how often a sync takes {@code stuckNanos} instead
 * @param stuckNanos how long a disk is stuck at times
 */
public record DiskLatency(
        long callNanos, long minSyncNanos, long maxSyncNanos, double stuckChance, long stuckNanos) {
    /** A disk that takes no time, for tests of nothing but what is durable. */
    public static final DiskLatency NONE = new DiskLatency(0, 0, 0, 0, 0);

    /** A good local disk. */
    public static final DiskLatency FAST = new DiskLatency(2_000, 100_000, 400_000, 0, 0);

    /** Whether an operation that takes so long is one of those. */
    boolean isStuck(long nanos) {
        return stuckChance > 0 && nanos >= stuckNanos;
    }

    long nanos(DiskOperation operation, SeededRandom random) {
        return switch (operation) {
            case SYNC, SYNC_DIRECTORY ->
                    random.chance(stuckChance)
                            ? stuckNanos
                            : minSyncNanos + random.nextLong(maxSyncNanos - minSyncNanos + 1);
            default -> random.nextLong(callNanos + 1);
        };
    }
}
