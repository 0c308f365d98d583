package dev.lockstep.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.examples.kv.store.Condition;
import dev.lockstep.examples.kv.store.Key;
import dev.lockstep.examples.kv.store.KvStore;
import dev.lockstep.examples.kv.store.Request;
import dev.lockstep.examples.kv.store.SetAnswer;
import dev.lockstep.examples.kv.store.Write;
import dev.lockstep.raft.model.Payload;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpiryTickerTest {
    private final ManualClock clock = new ManualClock();
    private final KvStore store = new KvStore();
    private final DirectGroup group = new DirectGroup(store, clock);
    private final ExpiryTicker ticker = new ExpiryTicker(group, store, clock);

    @Test
    void writesOnlyWhileAKeysDeadlineIsOver() {
        ticker.tick();
        set("k", 100);
        ticker.tick();
        assertThat(group.log()).hasSize(1);
        clock.advance(100);
        ticker.tick();
        assertThat(group.log()).hasSize(2);
        assertThat(store.counts().keys()).isZero();
        ticker.tick();
        assertThat(group.log()).hasSize(2);
    }

    @Test
    void hasOneTickUnderWayAtATime() {
        set("k", 100);
        clock.advance(100);
        group.hold();
        ticker.tick();
        ticker.tick();
        group.release();
        assertThat(group.log()).hasSize(2);
    }

    private void set(String key, long lifetimeMillis) {
        Write.Set set =
                new Write.Set(
                        Key.of(key),
                        Payload.of("v"),
                        Condition.ALWAYS,
                        lifetimeMillis,
                        SetAnswer.OK);
        group.propose(new Request.Batch(List.of(set)).toPayload()).join();
    }
}
