package dev.lockstep.raft.testkit.sim;

import dev.lockstep.raft.spi.EventLoop;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * An event loop in virtual time. Its tasks run in the order in which they were given, one at a
 * time, each after a small random delay; timers join the same queue when they are due.
 */
public final class SimulatedLoop implements EventLoop {
    private final SimulatedProcess process;
    private final VirtualTime time;
    private final String kind;
    private final ArrayDeque<Runnable> ready = new ArrayDeque<>();
    private final Runnable turn = this::turn;

    /** What the latest task has spent: the next one, whenever it comes, waits for so long first. */
    private long debtNanos;

    private boolean turnPlanned;
    private boolean closed;

    SimulatedLoop(SimulatedProcess process, String name) {
        this.process = process;
        this.time = process.time();
        this.kind = name;
    }

    @Override
    public void execute(Runnable task) {
        if (!closed && process.alive()) {
            ready.add(task);
            wake();
        }
    }

    @Override
    public Cancellation at(long deadlineNanos, Runnable task) {
        Timer timer = new Timer(task);
        long due = process.clock().whenShows(deadlineNanos) + process.timerLateNanos();
        time.at(
                due,
                "timer",
                process.number(),
                () -> {
                    if (timer.task != null) {
                        execute(timer);
                    }
                });
        return timer;
    }

    @Override
    public boolean inLoop() {
        return process.isRunning(this);
    }

    /**
     * Finishes what is ready, at once; called in the loop itself, only what is running still
     * finishes.
     */
    @Override
    public void close() {
        closed = true;
        if (!inLoop()) {
            while (process.alive() && !ready.isEmpty()) {
                process.runIn(this, ready.remove());
            }
        }
        ready.clear();
    }

    /**
     * Plans the next turn, unless one is planned, there is nothing to do, or the process is paused.
     */
    void wake() {
        if (!turnPlanned && !ready.isEmpty() && !process.paused()) {
            turnPlanned = true;
            long due = time.now() + debtNanos + process.handOffNanos();
            time.at(due, kind, process.number(), turn);
        }
    }

    private void turn() {
        turnPlanned = false;
        if (!process.alive() || process.paused()) {
            return;
        }
        Runnable task = ready.poll();
        if (task != null) {
            process.runIn(this, task);
            debtNanos = time.spent();
            wake();
        }
    }

    private static final class Timer implements Cancellation, Runnable {
        private @Nullable Runnable task;

        Timer(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            Runnable due = task;
            task = null;
            if (due != null) {
                due.run();
            }
        }

        @Override
        public void cancel() {
            task = null;
        }
    }
}
