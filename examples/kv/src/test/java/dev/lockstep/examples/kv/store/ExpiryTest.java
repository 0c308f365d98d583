package dev.lockstep.examples.kv.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Payload;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpiryTest {
    private final Fixture kv = new Fixture();

    @Test
    void aKeyEndsAtTheFirstCommandThatHasReachedItsDeadline() {
        kv.at(1000, Fixture.set("k", "v", 100));
        assertThat(kv.at(1099, Fixture.get("k"))).containsExactly("$1|v|");
        assertThat(kv.at(1100, Fixture.get("k"), new Read.CountAll()))
                .containsExactly("$-1|", ":0|");
    }

    @Test
    void anyCommandRemovesWhatHasEnded() {
        kv.at(1000, Fixture.set("a", "v", 100), Fixture.set("b", "v", 200), Fixture.set("c", "v"));
        assertThat(kv.store.counts()).isEqualTo(new KvStore.Counts(3, 2, 1100));
        kv.at(1150, Fixture.get("unrelated"));
        assertThat(kv.store.counts()).isEqualTo(new KvStore.Counts(2, 1, 1200));
        kv.tickAt(1200);
        assertThat(kv.store.counts()).isEqualTo(new KvStore.Counts(1, 0, Long.MAX_VALUE));
    }

    @Test
    void aReaderWhoseClockHasReachedTheDeadlineMustAskTheLog() {
        kv.at(1000, Fixture.set("k", "v", 100), Fixture.set("other", "v"));
        assertThat(kv.lookAt(1099, Fixture.get("k"))).containsExactly("$1|v|");
        assertThat(kv.lookAt(1100, Fixture.get("k"))).isNull();
        assertThat(kv.lookAt(1100, Fixture.get("other"))).containsExactly("$1|v|");
        assertThat(kv.lookAt(1100, new Read.CountAll())).isNull();
        assertThat(kv.lookAt(1100, new Read.KeysMatching(Payload.of("*")))).isNull();
        assertThat(kv.lookAt(1100, new Read.Scan(0, 10, Payload.of("*")))).isNull();
        kv.tickAt(1100);
        assertThat(kv.lookAt(1100, Fixture.get("k"))).containsExactly("$-1|");
    }

    @Test
    void aRemainingLifetimeIsToldByTheLogAlone() {
        kv.at(1000, Fixture.set("k", "v", 10_000), Fixture.set("lasting", "v"));
        assertThat(kv.lookAt(1000, new Read.TimeToLive(Key.of("k"), 1))).isNull();
        assertThat(kv.lookAt(1000, new Read.TimeToLive(Key.of("lasting"), 1)))
                .containsExactly(":-1|");
        assertThat(kv.lookAt(1000, new Read.TimeToLive(Key.of("missing"), 1)))
                .containsExactly(":-2|");
        assertThat(
                        kv.at(
                                4600,
                                new Read.TimeToLive(Key.of("k"), 1),
                                new Read.TimeToLive(Key.of("k"), 1000)))
                .containsExactly(":6400|", ":6|");
    }

    @Test
    void theLogsTimeNeverGoesBack() {
        kv.at(1000, Fixture.set("k", "v", 100));
        kv.tickAt(1200);
        assertThat(kv.at(900, Fixture.get("k"), Fixture.set("l", "v", 50)))
                .containsExactly("$-1|", "+OK|");
        assertThat(kv.store.counts().earliestDeadlineMillis()).isEqualTo(1250);
    }

    @Test
    void whatReplacesAKeyReplacesItsDeadlineToo() {
        kv.at(1000, Fixture.set("k", "v", 100), Fixture.set("k", "w"));
        kv.tickAt(5000);
        assertThat(kv.at(5000, Fixture.get("k"))).containsExactly("$1|w|");
        kv.at(5000, Fixture.set("k", "v", 100), Fixture.set("k", "w", 1000));
        assertThat(kv.at(5999, Fixture.get("k"))).containsExactly("$1|w|");
        assertThat(kv.at(6000, Fixture.get("k"))).containsExactly("$-1|");
    }

    /**
     * Three replicas apply one log, some later than others; readers on them have clocks that are up
     * to a second off. A read is linearizable, so it sees at least what the last acknowledged
     * command saw. Once one reader missed the key, no later one may see it.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aKeyNeverComesBackAfterExpiry(long seed) {
        Random random = new Random(seed);
        long begin = 1_000_000;
        long lifetime = 1L + random.nextInt(3000);
        List<Fixture> replicas = List.of(new Fixture(), new Fixture(), new Fixture());
        replicas.forEach(replica -> replica.at(begin, Fixture.set("k", "v", lifetime)));
        long stamp = begin;
        boolean missed = false;
        for (long now = begin; now < begin + 6000; now += random.nextInt(100)) {
            Fixture replica = replicas.get(random.nextInt(3));
            long readerMillis = now + random.nextInt(2001) - 1000;
            List<String> seen = replica.lookAt(readerMillis, Fixture.get("k"));
            if (seen == null) {
                // Through the log: the leader's clock is off too, but its timestamps never go back.
                stamp = Math.max(stamp, now + random.nextInt(2001) - 1000);
                for (Fixture each : replicas) {
                    seen = each.at(stamp, Fixture.get("k"));
                }
            }
            boolean isMissing = seen.equals(List.of("$-1|"));
            assertThat(missed && !isMissing)
                    .as("seed %s: came back at %s", seed, now - begin)
                    .isFalse();
            missed |= isMissing;
        }
        assertThat(missed).as("seed %s: ended at last", seed).isTrue();
    }
}
