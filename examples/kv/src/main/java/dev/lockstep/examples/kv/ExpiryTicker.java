package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.store.KvStore;
import dev.lockstep.examples.kv.store.Request;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.spi.Clock;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Frees the memory of ended keys when nobody writes: the leader's node puts its time into the log
 * while a key's deadline is over, at most ten times a second. While none is, it does nothing.
 */
final class ExpiryTicker implements AutoCloseable {
    private static final long PERIOD_MILLIS = 100;

    private final RaftGroup group;
    private final KvStore store;
    private final Clock clock;
    private volatile boolean underWay;
    private @Nullable ScheduledFuture<?> timer;

    ExpiryTicker(RaftGroup group, KvStore store, Clock clock) {
        this.group = group;
        this.store = store;
        this.clock = clock;
    }

    void runOn(EventLoop loop) {
        timer =
                loop.scheduleWithFixedDelay(
                        this::tick, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    @SuppressWarnings(
            "FutureReturnValueIgnored") // the next tick comes as long as there is a reason
    void tick() {
        boolean isDue = store.counts().earliestDeadlineMillis() <= clock.wallMillis();
        if (!isDue || underWay || group.status().role() != Role.LEADER) {
            return;
        }
        underWay = true;
        group.propose(new Request.Tick().toPayload())
                .whenComplete((nothing, failure) -> underWay = false);
    }

    @Override
    public void close() {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
