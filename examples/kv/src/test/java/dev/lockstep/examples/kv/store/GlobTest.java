package dev.lockstep.examples.kv.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.lockstep.raft.model.Payload;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "*, abc, true",
        "*, '', true",
        "'', '', true",
        "'', a, false",
        "a*, abc, true",
        "a*, bac, false",
        "*c, abc, true",
        "*b, abc, false",
        "a*c*e, abcde, true",
        "a*c*e, abcdf, false",
        "a**c, abc, true",
        "?, a, true",
        "?, '', false",
        "a?c, abc, true",
        "a?c, ac, false",
        "[ab]c, bc, true",
        "[ab]c, cc, false",
        "[^ab]c, cc, true",
        "[^ab]c, ac, false",
        "[a-c]x, bx, true",
        "[c-a]x, bx, true",
        "[a-c]x, dx, false",
        "'\\*', *, true",
        "'\\*', a, false",
        "'[\\]]', ], true",
        "[ab, a, true",
        "[ab, c, false",
        "[, a, false",
        "'a\\', 'a\\', true",
        "*[ab]*?, xxbz, true",
        "*[ab]*?, xxb, false"
    })
    void matches(String pattern, String text, boolean expected) {
        assertThat(new Glob(Payload.of(pattern)).matches(Payload.of(text))).isEqualTo(expected);
    }

    @Test
    void noPatternStallsAReplica() {
        Glob stars = new Glob(Payload.of("a*".repeat(5000) + "b"));
        Payload text = Payload.of("a".repeat(20_000));
        Assertions.assertTimeout(
                Duration.ofSeconds(10), () -> assertThat(stars.matches(text)).isFalse());
    }

    @Test
    void noPatternMakesItFail() {
        Random random = new Random(7);
        String alphabet = "ab*?[]^-\\";
        for (int i = 0; i < 100_000; i++) {
            Payload pattern = Payload.of(word(random, alphabet));
            Payload text = Payload.of(word(random, alphabet));
            assertThatNoException()
                    .as("%s on %s", pattern, text)
                    .isThrownBy(() -> new Glob(pattern).matches(text));
        }
    }

    private static String word(Random random, String alphabet) {
        StringBuilder word = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            word.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return word.toString();
    }
}
