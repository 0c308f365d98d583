package dev.lockstep.raft.testkit.sim;

/**
 * How long an operating system lets tasks wait. All in nanoseconds.
 *
 * @param maxHandOffNanos a task that is ready runs within this time
 * @param maxTimerLateNanos a timer fires within this time after its deadline
 * @param stallChance how often a task waits for up to {@code maxStallNanos} instead, as under load
 * @param maxStallNanos the longest such wait
 */
public record SchedulingDelays(
        long maxHandOffNanos, long maxTimerLateNanos, double stallChance, long maxStallNanos) {
    /** A machine with little to do. */
    public static final SchedulingDelays CALM = new SchedulingDelays(20_000, 200_000, 0, 1);

    /** A machine with too much to do: now and then a thread waits for its turn. */
    public static final SchedulingDelays LOADED =
            new SchedulingDelays(100_000, 2_000_000, 0.002, 50_000_000);

    long handOffNanos(SeededRandom random) {
        if (stallChance > 0 && random.chance(stallChance)) {
            return 1 + random.nextLong(maxStallNanos);
        }
        return 1 + random.nextLong(maxHandOffNanos);
    }

    long timerLateNanos(SeededRandom random) {
        return random.nextLong(maxTimerLateNanos);
    }
}
