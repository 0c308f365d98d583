package dev.lockstep.examples.kv;

import dev.lockstep.raft.spi.Clock;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that a test moves. */
public final class ManualClock implements Clock {
    private final AtomicLong millis = new AtomicLong(1_700_000_000_000L);

    public void advance(long byMillis) {
        millis.addAndGet(byMillis);
    }

    @Override
    public long nanoTime() {
        return millis.get() * 1_000_000;
    }

    @Override
    public long wallMillis() {
        return millis.get();
    }
}
