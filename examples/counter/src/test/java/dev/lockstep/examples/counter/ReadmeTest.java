package dev.lockstep.examples.counter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ReadmeTest {
    private static final Path SOURCE =
            Path.of("src/main/java/dev/lockstep/examples/counter/Counter.java");

    @Test
    void theReadmeShowsTheWholeProgram() throws IOException {
        String readme = Files.readString(Path.of("../../README.md"));
        String shown =
                Arrays.stream(readme.split("```java\n"))
                        .skip(1)
                        .map(block -> block.substring(0, Math.max(0, block.indexOf("```"))))
                        .filter(block -> block.contains("final class Counter"))
                        .findFirst()
                        .orElse("nothing");
        assertThat(shown)
                .as("the block with 'final class Counter' in README.md")
                .isEqualTo(Files.readString(SOURCE));
    }

    @Test
    void theProgramIsShort() throws IOException {
        assertThat(Files.readAllLines(SOURCE)).hasSizeLessThanOrEqualTo(65);
    }
}
