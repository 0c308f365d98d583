package dev.lockstep.raft.runtime;

import dev.lockstep.raft.spi.EventLoop;

/**
 * Wakes one replica at the earliest of its deadlines. They mostly move away; then the timer that is
 * set already fires early, once, and is set again. In the host's loop only.
 */
final class Alarm {
    private final HostLoop host;
    private final Runnable wake;
    private long setNanos = Long.MAX_VALUE;
    private EventLoop.Cancellation set = () -> {};

    Alarm(HostLoop host, Runnable wake) {
        this.host = host;
        this.wake = wake;
    }

    void setFor(long deadlineNanos) {
        if (deadlineNanos < setNanos) {
            set.cancel();
            setNanos = deadlineNanos;
            set = host.loop().at(deadlineNanos, () -> host.post(this::fire));
        }
    }

    void cancel() {
        set.cancel();
    }

    private void fire() {
        setNanos = Long.MAX_VALUE;
        wake.run();
    }
}
