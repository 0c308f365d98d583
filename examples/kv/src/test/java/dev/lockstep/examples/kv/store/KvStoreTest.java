package dev.lockstep.examples.kv.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KvStoreTest {
    private static final String MIB = "x".repeat(KvStore.MAX_VALUE_BYTES);
    private final Fixture kv = new Fixture();

    @Test
    void aBatchSeesItsOwnWrites() {
        assertThat(kv.at(1, Fixture.get("k"), Fixture.set("k", "v"), Fixture.get("k")))
                .containsExactly("$-1|", "+OK|", "$1|v|");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theSameLogGivesTheSameDigest(long seed) {
        Random random = new Random(seed);
        List<Command> log = new ArrayList<>();
        long millis = 0;
        for (int i = 0; i < 2000; i++) {
            millis += random.nextInt(20);
            log.add(
                    kv.command(
                            millis,
                            new Request.Batch(
                                    RandomOperations.some(random, 1 + random.nextInt(4)))));
        }
        KvStore one = new KvStore();
        KvStore other = new KvStore();
        for (Command command : log) {
            assertThat(one.apply(command)).isEqualTo(other.apply(command));
        }
        Payload question = new Request.Fingerprint().toPayload();
        assertThat(one.query(question)).as("seed %s", seed).isEqualTo(other.query(question));
        assertThat(Digest.read(one.query(question)).index()).isEqualTo(2000);
    }

    @Test
    void theDigestTellsEveryDifference() {
        String empty = kv.digest().hash();
        kv.at(1, Fixture.set("k", "v"));
        String value = kv.digest().hash();
        kv.at(1, Fixture.set("k", "w"));
        String other = kv.digest().hash();
        kv.at(1, Fixture.set("k", "w", 100));
        String deadline = kv.digest().hash();
        kv.tickAt(2);
        assertThat(List.of(empty, value, other, deadline, kv.digest().hash()))
                .doesNotHaveDuplicates();
        assertThat(kv.digest().keys()).isEqualTo(1);
        assertThat(kv.digest().index()).isEqualTo(4);
    }

    @Test
    void aBatchStopsBeforeItsAnswersAreTooMany() {
        kv.at(1, Fixture.set("big", MIB));
        Operation[] many = Collections.nCopies(5, Fixture.get("big")).toArray(Operation[]::new);
        assertThat(kv.at(1, many)).hasSizeBetween(1, 4);
        assertThat(
                        kv.at(
                                1,
                                new Write.Add(Key.of("n"), 1),
                                many[0],
                                many[1],
                                new Write.Add(Key.of("n"), 1)))
                .hasSizeLessThan(4);
        assertThat(kv.at(1, Fixture.get("n")))
                .as("what has no answer was not run")
                .containsExactly("$1|1|");
    }

    @Test
    void aReplyThatIsTooLargeIsAnError() {
        kv.at(1, Fixture.set("big", MIB));
        List<Key> keys = Collections.nCopies(100, Key.of("big"));
        assertThat(kv.at(1, new Read.FindAll(keys)))
                .containsExactly("-ERR reply exceeds maximum allowed size (2097152 bytes)|");
        assertThat(kv.lookAt(1, new Read.FindAll(keys)))
                .containsExactly("-ERR reply exceeds maximum allowed size (67108864 bytes)|");
    }

    @Test
    void aValueNeverGrowsBeyondItsLimit() {
        kv.at(1, Fixture.set("big", MIB.substring(1)));
        assertThat(kv.at(1, new Write.Append(Key.of("big"), Payload.of("yz"))))
                .containsExactly("-" + KvStore.TOO_LONG + "|");
        assertThat(kv.at(1, new Write.Append(Key.of("big"), Payload.of("y"))))
                .containsExactly(":1048576|");
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        byte[] ofTomorrow = {2, 1};
        assertThatThrownBy(() -> kv.store.query(Payload.wrap(ofTomorrow)))
                .hasMessageContaining("format 2");
        byte[] newOperation = {1, 1, 0, 0, 0, 1, 99};
        assertThatThrownBy(() -> kv.store.query(Payload.wrap(newOperation)))
                .hasMessageContaining("operation 99");
        assertThatThrownBy(() -> kv.store.query(new Request.Tick().toPayload()))
                .hasMessageContaining("not a question");
    }
}
