package dev.lockstep.raft.storage;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Keeps writing from going faster than so many bytes a second, so that a snapshot leaves the disk
 * to the log. What was written is paid for by waiting right after it. Any thread.
 */
final class Pace {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final long bytesPerSecond;
    private final LongSupplier nanoTime;
    private final LongConsumer pause;

    /** When what was written so far is paid for. */
    private long freeNanos;

    /**
     * @param bytesPerSecond at least 1
     * @param pause waits about so many nanoseconds, or less
     */
    Pace(long bytesPerSecond, LongSupplier nanoTime, LongConsumer pause) {
        this.bytesPerSecond = bytesPerSecond;
        this.nanoTime = nanoTime;
        this.pause = pause;
        this.freeNanos = nanoTime.getAsLong();
    }

    static Pace of(long bytesPerSecond) {
        return new Pace(bytesPerSecond, System::nanoTime, LockSupport::parkNanos);
    }

    /** Returns when so many bytes more may be written; sooner when the thread is interrupted. */
    void wrote(long bytes) {
        long until = pay(bytes);
        for (long left = until - nanoTime.getAsLong();
                left > 0 && !Thread.currentThread().isInterrupted();
                left = until - nanoTime.getAsLong()) {
            pause.accept(left);
        }
    }

    private synchronized long pay(long bytes) {
        long now = nanoTime.getAsLong();
        long from = freeNanos - now < 0 ? now : freeNanos;
        double nanos = (double) bytes * NANOS_PER_SECOND / bytesPerSecond;
        freeNanos = from + (long) nanos;
        return freeNanos;
    }
}
