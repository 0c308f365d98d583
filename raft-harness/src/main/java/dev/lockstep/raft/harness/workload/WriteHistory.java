package dev.lockstep.raft.harness.workload;

import dev.lockstep.raft.harness.client.Outcome;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What became of writes, each of its own value to its own key. So whatever a key holds later tells
 * of one write alone, whenever that took effect. Thread-safe.
 */
public final class WriteHistory {
    private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    private final Queue<String> failed = new ConcurrentLinkedQueue<>();
    private final Queue<String> unknown = new ConcurrentLinkedQueue<>();
    private final AtomicLong acknowledgedCount = new AtomicLong();
    private final AtomicReference<@Nullable String> newest = new AtomicReference<>();

    /** The only value that is ever written to that key. */
    public static String valueOf(String key) {
        return "value of " + key;
    }

    /** To be called once for each key, after the write has ended. */
    public void record(String key, Outcome<String> outcome) {
        if (outcome instanceof Outcome.Done) {
            acknowledged.add(key);
            acknowledgedCount.incrementAndGet();
            newest.set(key);
        } else if (outcome instanceof Outcome.NotDone) {
            failed.add(key);
        } else {
            unknown.add(key);
        }
    }

    /** A key whose write was acknowledged just now, to any client; null before the first. */
    @Nullable String newest() {
        return newest.get();
    }

    public long acknowledgedCount() {
        return acknowledgedCount.get();
    }

    /** Keys whose writes must be seen. */
    public List<String> acknowledged() {
        return List.copyOf(acknowledged);
    }

    /** Keys whose writes must never be seen. */
    public List<String> failed() {
        return List.copyOf(failed);
    }

    /** Keys whose writes may be seen. */
    public List<String> unknown() {
        return List.copyOf(unknown);
    }
}
