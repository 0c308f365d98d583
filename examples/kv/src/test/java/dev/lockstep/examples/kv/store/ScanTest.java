package dev.lockstep.examples.kv.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScanTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void meetsEveryKeyThatStaysExactlyOnce(long seed) {
        Random random = new Random(seed);
        Fixture kv = new Fixture();
        List<String> staying = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            kv.at(1, Fixture.set("stays" + i, "v"), Fixture.set("goes" + i, "v"));
            staying.add("stays" + i);
        }
        List<String> met = new ArrayList<>();
        String cursor = "0";
        do {
            String[] reply =
                    kv.at(1, new Read.Scan(Long.parseLong(cursor), 7, Payload.of("stays*")))
                            .get(0)
                            .split("\\|", -1);
            cursor = reply[2];
            for (int i = 5; i < reply.length; i += 2) {
                met.add(reply[i]);
            }
            kv.at(1, new Write.Delete(List.of(Key.of("goes" + random.nextInt(500)))));
            kv.at(1, Fixture.set("comes" + random.nextInt(), "v"));
        } while (!cursor.equals("0"));
        assertThat(met).as("seed %s", seed).containsExactlyInAnyOrderElementsOf(staying);
    }
}
