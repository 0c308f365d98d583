package dev.lockstep.raft.runtime;

import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.EventLoop;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An event loop on a thread of its own, which parks while there is nothing to do. */
public final class ThreadLoop implements EventLoop {
    private static final Logger LOG = LoggerFactory.getLogger(ThreadLoop.class);

    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Timed> timed = new PriorityQueue<>();
    private final Thread thread;
    private volatile boolean parked;
    private volatile boolean closing;
    private volatile boolean ended;
    private long timedCount;

    private static final class Timed implements Comparable<Timed> {
        final long deadlineNanos;
        long order;
        @Nullable Runnable task;

        Timed(long deadlineNanos, Runnable task) {
            this.deadlineNanos = deadlineNanos;
            this.task = task;
        }

        @Override
        public int compareTo(Timed other) {
            int byDeadline = Long.compare(deadlineNanos, other.deadlineNanos);
            return byDeadline != 0 ? byDeadline : Long.compare(order, other.order);
        }
    }

    public ThreadLoop(String threadName) {
        thread = new Thread(this::run, threadName);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (ended) {
            runLeft();
        } else if (parked) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public Cancellation at(long deadlineNanos, Runnable task) {
        Timed entry = new Timed(deadlineNanos, task);
        if (inLoop()) {
            add(entry);
        } else {
            execute(() -> add(entry));
        }
        return () -> {
            entry.task = null;
            timed.remove(entry);
        };
    }

    private void add(Timed entry) {
        if (entry.task != null) { // else cancelled on its way here
            entry.order = timedCount++;
            timed.add(entry);
        }
    }

    @Override
    public boolean inLoop() {
        return Thread.currentThread() == thread;
    }

    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        if (inLoop()) {
            return;
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (true) {
            Runnable task = tasks.poll();
            if (task != null) {
                runGuarded(task);
            } else if (closing) {
                ended = true;
                runLeft();
                return;
            }
            runDue();
            if (task == null) {
                park();
            }
        }
    }

    /** What came as the thread ended, or comes later. */
    private synchronized void runLeft() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            runGuarded(task);
        }
    }

    private void runDue() {
        while (!timed.isEmpty() && timed.peek().deadlineNanos - Clock.SYSTEM.nanoTime() <= 0) {
            Runnable task = timed.remove().task;
            if (task != null) {
                runGuarded(task);
            }
        }
    }

    /**
     * A task that was added after the queue was seen empty sees {@code parked} and wakes the
     * thread.
     */
    private void park() {
        Thread.interrupted(); // a task that left it set would keep the thread from parking
        parked = true;
        if (tasks.isEmpty() && !closing) {
            if (timed.isEmpty()) {
                LockSupport.park(this);
            } else {
                long wait = timed.peek().deadlineNanos - Clock.SYSTEM.nanoTime();
                if (wait > 0) {
                    LockSupport.parkNanos(this, wait);
                }
            }
        }
        parked = false;
    }

    private static void runGuarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A task of {} failed; this is a bug", Thread.currentThread().getName(), e);
        }
    }
}
