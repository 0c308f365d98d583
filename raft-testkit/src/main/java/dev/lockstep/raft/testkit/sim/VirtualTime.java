package dev.lockstep.raft.testkit.sim;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread of a simulation and its time. Events wait in a queue ordered by their time; which
 * of two events of the same nanosecond comes first is drawn from the seed. Nothing here reads a
 * real clock.
 *
 * <p>An event takes no time. What it {@linkplain #spend spends}, as a blocking write does, its loop
 * waits before its next task: so there is time between the task being given and its work being
 * done, in which a crash can fall. (Were time to go on within the event, what it does to memory
 * after the wait would be seen before the wait is over.)
 */
public final class VirtualTime {
    private static final long TIE_BITS = -1L << 40;

    private final EventQueue queue = new EventQueue();
    private final TraceHash trace = new TraceHash();
    private final RecentEvents recent = new RecentEvents(this);
    private final Sometimes sometimes = new Sometimes();
    private final SeededRandom random;
    private final SeededRandom ties;
    private long eventNanos;
    private long spentNanos;
    private long sequence;
    private @Nullable Throwable failure;

    public VirtualTime(long seed) {
        random = new SeededRandom(seed);
        ties = random.fork("ties");
    }

    /** Nanoseconds since the simulation began. */
    public long now() {
        return eventNanos;
    }

    /** What the running event has spent so far. */
    public long spent() {
        return spentNanos;
    }

    /**
     * The root of all random numbers of this simulation; components {@linkplain SeededRandom#fork
     * fork} it.
     */
    public SeededRandom random() {
        return random;
    }

    public TraceHash trace() {
        return trace;
    }

    /** What this run has reached of what every many runs must reach. */
    public Sometimes sometimes() {
        return sometimes;
    }

    /** What happened lately, for people to read after a failure. */
    public RecentEvents recent() {
        return recent;
    }

    /**
     * Runs the task at a time.
     *
     * @param atNanos in the past means now
     * @param kind what it is, for the trace
     * @param owner a small number that tells whose it is, for the trace
     */
    public void at(long atNanos, String kind, int owner, Runnable task) {
        // A random number first, so that nothing relies on an order among equals; then the order
        // itself, so that there always is one.
        long rank = (ties.nextLong() & TIE_BITS) | (sequence++ & ~TIE_BITS);
        queue.add(new EventQueue.Event(Math.max(atNanos, eventNanos), rank, kind, owner, task));
    }

    /** Runs the task after a delay, on nobody's behalf. */
    public void after(long delayNanos, String kind, Runnable task) {
        at(now() + delayNanos, kind, -1, task);
    }

    /** Lets the loop of the running event wait for that much time before its next task. */
    public void spend(long nanos) {
        if (nanos < 0) {
            throw new IllegalArgumentException("time can't be spent backwards: " + nanos);
        }
        spentNanos += nanos;
    }

    /** Ends the run with this error after the running event; the first one counts. */
    public void fail(Throwable error) {
        if (failure == null) {
            failure = error;
        } else if (failure != error) {
            failure.addSuppressed(error);
        }
    }

    /**
     * Executes the next event.
     *
     * @return false when there is none
     * @throws SimulationError when the event {@linkplain #fail failed} the run
     */
    public boolean step() {
        EventQueue.Event event = queue.poll();
        if (event == null) {
            return false;
        }
        eventNanos = event.atNanos;
        spentNanos = 0;
        trace.add(event.atNanos, event.kind, event.owner);
        event.task.run();
        spentNanos = 0;
        Throwable error = failure;
        if (error != null) {
            throw new SimulationError("at " + seconds(eventNanos) + " in " + event.kind, error);
        }
        return true;
    }

    /**
     * Executes all events of the next so many nanoseconds; afterwards just that time has passed.
     */
    public void runFor(long nanos) {
        long end = now() + nanos;
        EventQueue.Event next = queue.peek();
        while (next != null && next.atNanos <= end) {
            step();
            next = queue.peek();
        }
        eventNanos = Math.max(eventNanos, end);
    }

    /**
     * Executes events until the condition holds.
     *
     * @return whether it does; false when it didn't within {@code limitNanos}, or nothing is left
     *     to happen
     */
    public boolean runUntil(BooleanSupplier condition, long limitNanos) {
        long end = now() + limitNanos;
        while (!condition.getAsBoolean()) {
            EventQueue.Event next = queue.peek();
            if (next == null || next.atNanos > end) {
                eventNanos = Math.max(eventNanos, end);
                return condition.getAsBoolean();
            }
            step();
        }
        return true;
    }

    /** A time as people read it, such as {@code 12.345678s}. */
    public static String seconds(long nanos) {
        return String.format("%d.%06ds", nanos / 1_000_000_000, nanos % 1_000_000_000 / 1_000);
    }
}
