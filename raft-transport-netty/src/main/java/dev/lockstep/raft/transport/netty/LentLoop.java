package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.spi.EventLoop;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Netty's thread as the loop of the cores, so that a frame is decoded and stepped without a
 * hand-off.
 */
final class LentLoop implements EventLoop {
    private final io.netty.channel.EventLoop loop;

    LentLoop(io.netty.channel.EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public void execute(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            runLate(task);
        }
    }

    /** The transport is closed, and its thread gone. */
    private synchronized void runLate(Runnable task) {
        runTelling(task);
    }

    @Override
    public Cancellation at(long deadlineNanos, Runnable task) {
        long delayNanos = Math.max(0, deadlineNanos - System.nanoTime());
        try {
            Future<?> scheduled =
                    loop.schedule(() -> runTelling(task), delayNanos, TimeUnit.NANOSECONDS);
            return () -> scheduled.cancel(false);
        } catch (RejectedExecutionException e) {
            return () -> {}; // after the end no time comes
        }
    }

    /** The future of a scheduled task would keep its failure to itself. */
    private static void runTelling(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            PeerConnection.LOG.error("a task on the lent loop failed", e);
        }
    }

    @Override
    public boolean inLoop() {
        return loop.inEventLoop();
    }

    /** Nothing: the thread is the transport's, and ends with it. */
    @Override
    public void close() {}
}
