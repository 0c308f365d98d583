package dev.lockstep.raft.spi;

/**
 * Runs tasks one after the other, each seeing all that the ones before it did. In production a
 * thread of its own or one that a transport lends; in simulation virtual time.
 */
public interface EventLoop extends AutoCloseable {
    /**
     * Runs the task soon, after all that were given before by the same thread. Any thread may call
     * it. Once the loop has ended, the caller runs the task itself, one caller at a time, so that
     * nothing that was asked for is left without an answer.
     */
    void execute(Runnable task);

    /**
     * Runs the task once {@link Clock#nanoTime} has reached {@code deadlineNanos}. Any thread may
     * call it.
     *
     * @return forgets the task, when called in this loop before the task has started
     */
    Cancellation at(long deadlineNanos, Runnable task);

    /** Whether the caller runs inside a task of this loop. */
    boolean inLoop();

    /**
     * Takes no more tasks, finishes those already given, and waits for that; a lent loop does
     * nothing here.
     */
    @Override
    void close();

    /** Takes back a task that waits for its time. */
    @FunctionalInterface
    interface Cancellation {
        void cancel();
    }
}
