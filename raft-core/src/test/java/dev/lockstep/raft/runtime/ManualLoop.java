package dev.lockstep.raft.runtime;

import dev.lockstep.raft.spi.EventLoop;
import java.util.ArrayDeque;

/** Runs its tasks when it is told to. */
final class ManualLoop implements EventLoop {
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final ArrayDeque<Runnable> timers = new ArrayDeque<>();

    @Override
    public void execute(Runnable task) {
        tasks.addLast(task);
    }

    void runAll() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    boolean isIdle() {
        return tasks.isEmpty();
    }

    @Override
    public Cancellation at(long deadlineNanos, Runnable task) {
        timers.addLast(task);
        return () -> timers.remove(task);
    }

    /** The time of all timers has come. */
    void fireTimers() {
        tasks.addAll(timers);
        timers.clear();
        runAll();
    }

    @Override
    public boolean inLoop() {
        return true;
    }

    @Override
    public void close() {}
}
