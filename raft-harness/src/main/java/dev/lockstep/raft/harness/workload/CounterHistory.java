package dev.lockstep.raft.harness.workload;

import dev.lockstep.raft.harness.client.Outcome;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What became of increments by one of one key. Thread-safe. */
public final class CounterHistory {
    /** The key. */
    public static final String KEY = "counter";

    private final Set<Long> replies = ConcurrentHashMap.newKeySet();
    private final AtomicLong unknown = new AtomicLong();

    /**
     * To be called once for each increment, after it has ended.
     *
     * @throws AssertionError when two increments were told the same result: one of them is lost
     */
    public void record(Outcome<Long> outcome) {
        if (outcome instanceof Outcome.Done<Long> done) {
            if (!replies.add(done.reply())) {
                throw new AssertionError("two increments made the counter " + done.reply());
            }
        } else if (outcome instanceof Outcome.Unknown) {
            unknown.incrementAndGet();
        }
    }

    public long acknowledged() {
        return replies.size();
    }

    public long unknown() {
        return unknown.get();
    }

    /** The largest reply; 0 before the first. */
    public long highest() {
        return replies.stream().mapToLong(Long::longValue).max().orElse(0);
    }
}
