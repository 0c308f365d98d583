package dev.lockstep.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.examples.kv.demo.RespClient;
import dev.lockstep.examples.kv.store.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NonsenseTest {
    private static final List<String> WORDS =
            List.of(
                            "get set del incr decr incrby append strlen exists expire pexpire ttl pttl persist"
                                    + " keys scan dbsize type mget mset getset setnx cas info hello client"
                                    + " command config lockstep select ping echo ex px nx xx keepttl match"
                                    + " count id setname getname setinfo digest status docs a b 0 1 2 -1 1.5"
                                    + " 9223372036854775807 -9223372036854775808 * ? [ \\ save")
                    .stream()
                    .flatMap(all -> List.of(all.split(" ")).stream())
                    .toList();

    /** A command that made the state machine throw would stop every replica. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void noWordsMakeTheServerFail(long seed) throws IOException {
        Random random = new Random(seed);
        try (TestServer server = new TestServer();
                RespClient client = server.connect()) {
            for (int i = 0; i < 5000; i++) {
                List<String> words = new ArrayList<>();
                for (int n = 1 + random.nextInt(6); n > 0; n--) {
                    words.add(WORDS.get(random.nextInt(WORDS.size())));
                }
                Reply reply = client.call(words.toArray(String[]::new));
                if (reply instanceof Reply.Failure failure) {
                    assertThat(failure.text())
                            .as("seed %s: %s", seed, words)
                            .matches("(?s)(ERR|NOPROTO) .*");
                }
                server.clock.advance(random.nextInt(100));
            }
        }
    }
}
