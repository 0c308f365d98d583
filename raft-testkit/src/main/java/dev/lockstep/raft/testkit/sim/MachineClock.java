package dev.lockstep.raft.testkit.sim;

import dev.lockstep.raft.spi.Clock;

/**
 * The clocks of one machine: its monotonic one starts anywhere and runs a little too fast or too
 * slow; its wall clock is wrong too, and may jump.
 */
public final class MachineClock implements Clock {
    private static final long PARTS = 1_000_000;
    private static final long EPOCH_MILLIS = 1_700_000_000_000L;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final VirtualTime time;
    private final long originNanos;
    private final long driftPpm;
    private long wallSkewMillis;

    /**
     * @param originNanos what the monotonic clock shows at the beginning; may be negative
     * @param driftPpm how much faster than true time it runs, in parts per million; negative when
     *     slower
     * @param wallSkewMillis how far ahead the wall clock is
     */
    public MachineClock(VirtualTime time, long originNanos, long driftPpm, long wallSkewMillis) {
        this.time = time;
        this.originNanos = originNanos;
        this.driftPpm = driftPpm;
        this.wallSkewMillis = wallSkewMillis;
    }

    /** A clock without any fault. */
    public static MachineClock exact(VirtualTime time) {
        return new MachineClock(time, 0, 0, 0);
    }

    @Override
    public long nanoTime() {
        return at(time.now());
    }

    @Override
    public long wallMillis() {
        return EPOCH_MILLIS + wallSkewMillis + (nanoTime() - originNanos) / NANOS_PER_MILLI;
    }

    /** Sets the wall clock forwards, or backwards when negative. */
    public void jumpWall(long millis) {
        wallSkewMillis += millis;
    }

    /** The first virtual time at which this monotonic clock shows at least {@code nanos}. */
    long whenShows(long nanos) {
        long local = nanos - originNanos;
        long virtual = Math.floorDiv(local, PARTS + driftPpm) * PARTS;
        virtual += Math.floorMod(local, PARTS + driftPpm) * PARTS / (PARTS + driftPpm);
        while (at(virtual) - nanos < 0) {
            virtual++;
        }
        return virtual;
    }

    private long at(long virtualNanos) {
        // Divided first: a product of years in nanoseconds and a million doesn't fit in 64 bits.
        return originNanos
                + virtualNanos
                + Math.floorDiv(virtualNanos, PARTS) * driftPpm
                + Math.floorMod(virtualNanos, PARTS) * driftPpm / PARTS;
    }
}
