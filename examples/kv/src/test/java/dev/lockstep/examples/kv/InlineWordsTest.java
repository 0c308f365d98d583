package dev.lockstep.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Payload;
import org.junit.jupiter.api.Test;

class InlineWordsTest {
    @Test
    void splitsAsRedisDoes() {
        assertSplit("  SET  a\t1 ", "SET", "a", "1");
        assertSplit("", new String[0]);
        assertSplit("SET \"a b\" 'c d'", "SET", "a b", "c d");
        assertSplit("\"\"", "");
        assertSplit("\"\\x41\\n\\\"\\q\"", "A\n\"q");
        assertSplit("'it\\'s' '\\n'", "it's", "\\n");
        assertSplit("\"\\xZ1\"", "xZ1");
    }

    @Test
    void refusesQuotesThatAreNotClosed() {
        assertThat(InlineWords.split("\"a")).isNull();
        assertThat(InlineWords.split("'a")).isNull();
        assertThat(InlineWords.split("\"a\"b")).isNull();
        assertThat(InlineWords.split("\"a\\")).isNull();
    }

    private static void assertSplit(String line, String... words) {
        assertThat(InlineWords.split(line)).extracting(Payload::asString).containsExactly(words);
    }
}
