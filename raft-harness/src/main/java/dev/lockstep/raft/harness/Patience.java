package dev.lockstep.raft.harness;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits for things, never for time: looks again and again, and says what was missing when it is
 * over. Generous, since a slow machine isn't a fault.
 */
public final class Patience {
    /** For one thing to happen on a busy machine. */
    public static final Duration DEFAULT = Duration.ofSeconds(60);

    private static final long PAUSE_MILLIS = 20;

    private Patience() {}

    /** A question whose answer changes with time. */
    @FunctionalInterface
    public interface Question<T> {
        /** Returns null as long as there is no answer. */
        @Nullable T ask() throws InterruptedException;
    }

    /** A condition that may be waited for. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws InterruptedException;
    }

    /**
     * Returns the first answer.
     *
     * @param missing what to say when there is none in time
     * @throws AssertionError when the time is over
     */
    public static <T> T await(Duration patience, Supplier<String> missing, Question<T> question)
            throws InterruptedException {
        long endNanos = System.nanoTime() + patience.toNanos();
        while (true) {
            T answer = question.ask();
            if (answer != null) {
                return answer;
            }
            if (System.nanoTime() - endNanos >= 0) {
                throw new AssertionError("after " + patience.toSeconds() + " s: " + missing.get());
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    /**
     * Returns once the condition holds.
     *
     * @throws AssertionError when it doesn't in {@link #DEFAULT}
     */
    public static void until(Supplier<String> missing, Condition condition)
            throws InterruptedException {
        await(DEFAULT, missing, () -> condition.holds() ? Boolean.TRUE : null);
    }
}
