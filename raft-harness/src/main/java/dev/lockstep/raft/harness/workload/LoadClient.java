package dev.lockstep.raft.harness.workload;

import dev.lockstep.raft.harness.client.NodeClient;
import dev.lockstep.raft.harness.client.Outcome;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One client of one node: writes a key, reads the newest one that anybody wrote, counts; and so on
 * until it is told to stop.
 */
final class LoadClient implements Runnable, AutoCloseable {
    /** What a client waits after an error that says that nothing was done. */
    private static final long BACKOFF_MILLIS = 100;

    private final String name;
    private final NodeClient client;
    private final WriteHistory writes;
    private final CounterHistory counter;
    private final AtomicLong acknowledged = new AtomicLong();
    private long lastCount;
    private volatile boolean stopping;
    private volatile @Nullable Throwable failure;

    LoadClient(String name, NodeClient client, WriteHistory writes, CounterHistory counter) {
        this.name = name;
        this.client = client;
        this.writes = writes;
        this.counter = counter;
    }

    String node() {
        return client.node();
    }

    /** Its writes so far. */
    long acknowledged() {
        return acknowledged.get();
    }

    /** Why it gave up; null when it didn't. */
    @Nullable Throwable failure() {
        return failure;
    }

    @Override
    public void run() {
        try {
            for (long i = 0; !stopping; i++) {
                write(name + ":" + i);
                readNewest();
                count();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | AssertionError e) {
            failure = e;
        }
    }

    private void write(String key) throws InterruptedException {
        Outcome<String> outcome = client.run(jedis -> jedis.set(key, WriteHistory.valueOf(key)));
        writes.record(key, outcome);
        if (outcome instanceof Outcome.Done) {
            acknowledged.incrementAndGet();
        }
        backOff(outcome);
    }

    /** It was acknowledged before this read begins, so the read must see it. */
    private void readNewest() throws InterruptedException {
        String key = writes.newest();
        if (key == null) {
            return;
        }
        Outcome<String> outcome = client.run(jedis -> String.valueOf(jedis.get(key)));
        if (outcome instanceof Outcome.Done<String> done
                && !done.reply().equals(WriteHistory.valueOf(key))) {
            throw new AssertionError(
                    "stale read through " + node() + ": " + key + " holds " + done.reply());
        }
        backOff(outcome);
    }

    private void count() throws InterruptedException {
        Outcome<Long> outcome = client.run(jedis -> jedis.incr(CounterHistory.KEY));
        counter.record(outcome);
        if (outcome instanceof Outcome.Done<Long> done) {
            if (done.reply() <= lastCount) {
                throw new AssertionError(
                        "the counter went back through "
                                + node()
                                + ", from "
                                + lastCount
                                + " to "
                                + done.reply());
            }
            lastCount = done.reply();
        }
        backOff(outcome);
    }

    private void backOff(Outcome<?> outcome) throws InterruptedException {
        if (outcome instanceof Outcome.NotDone && !stopping) {
            Thread.sleep(BACKOFF_MILLIS);
        }
    }

    /** It ends after the command that is under way. */
    void stop() {
        stopping = true;
    }

    /** Ends the connection, and with it the command that is under way. */
    @Override
    public void close() {
        stop();
        client.close();
    }
}
