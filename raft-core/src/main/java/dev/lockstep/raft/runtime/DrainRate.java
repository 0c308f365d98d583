package dev.lockstep.raft.runtime;

import java.time.Duration;

/**
 * How fast what waits here ends, for who is told to come back later. It is measured while something
 * waits, by whoever owns it, and asked by any thread.
 */
final class DrainRate {
    private static final Duration LEAST = Duration.ofMillis(1);

    private final long windowNanos;
    private final Duration unmeasured;
    private final Duration most;

    private boolean isWaiting;
    private long windowNanosBegin;
    private long windowBytesBegin;
    private long endedBytes;

    /** 0 until it was measured. */
    private volatile double bytesPerNano;

    /** Since when something waits and nothing has ended; meaningful while {@code isStuck}. */
    private volatile long stuckSinceNanos;

    private volatile boolean isStuck;

    /**
     * @param window over which a rate is taken; each counts as much as all before it
     * @param unmeasured what is told before there is one
     * @param most what is told however slow it is
     */
    DrainRate(Duration window, Duration unmeasured, Duration most) {
        this.windowNanos = window.toNanos();
        this.unmeasured = unmeasured;
        this.most = most;
    }

    /**
     * Looks how it stands.
     *
     * @param ended the bytes that have ended ever
     * @param waiting the bytes that wait now; while there are none, time says nothing
     */
    void look(long ended, long waiting, long nowNanos) {
        if (waiting == 0) {
            isWaiting = false;
            isStuck = false;
        } else if (!isWaiting) {
            isWaiting = true;
            beginWindow(ended, nowNanos);
            stuckSinceNanos = nowNanos;
            isStuck = true;
        } else {
            if (ended > endedBytes) {
                stuckSinceNanos = nowNanos;
            }
            long passed = nowNanos - windowNanosBegin;
            if (passed >= windowNanos && ended > windowBytesBegin) {
                double measured = (double) (ended - windowBytesBegin) / passed;
                bytesPerNano = bytesPerNano == 0 ? measured : (bytesPerNano + measured) / 2;
                beginWindow(ended, nowNanos);
            }
        }
        endedBytes = Math.max(endedBytes, ended);
    }

    private void beginWindow(long ended, long nowNanos) {
        windowNanosBegin = nowNanos;
        windowBytesBegin = ended;
    }

    /** When half of so much will have ended, if it goes on as now. */
    Duration untilHalfOf(long bytes, long nowNanos) {
        double rate = bytesPerNano;
        Duration wait =
                rate == 0
                        ? unmeasured
                        : Duration.ofNanos((long) Math.min(bytes / 2.0 / rate, 1e18));
        if (isStuck) { // as long again as nothing has ended, since nobody knows better
            Duration stuck = Duration.ofNanos(Math.max(0, nowNanos - stuckSinceNanos));
            wait = wait.compareTo(stuck) < 0 ? stuck : wait;
        }
        wait = wait.compareTo(LEAST) < 0 ? LEAST : wait;
        return wait.compareTo(most) > 0 ? most : wait;
    }
}
