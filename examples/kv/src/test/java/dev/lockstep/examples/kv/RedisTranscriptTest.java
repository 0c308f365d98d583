package dev.lockstep.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lockstep.examples.kv.demo.FreePorts;
import dev.lockstep.examples.kv.demo.RespClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Replies, word for word. {@code redis.txt} was recorded from redis-server 7.0.15 and is compared
 * with it again where one is installed; {@code lockstep.txt} holds what Redis doesn't have or does
 * otherwise.
 */
class RedisTranscriptTest {
    private static final Path SCRIPTS = Path.of("src/test/resources/transcripts");

    @Test
    void answersAsRedisDoes() throws IOException {
        assertAnswers("redis.txt");
    }

    @Test
    void answersItsOwnCommands() throws IOException {
        assertAnswers("lockstep.txt");
    }

    private static void assertAnswers(String script) throws IOException {
        String expected = Files.readString(SCRIPTS.resolve(script));
        try (TestServer server = new TestServer();
                RespClient client = server.connect()) {
            String seen = Transcript.run(expected, client);
            if (Boolean.getBoolean("rewrite") && !script.equals("redis.txt")) {
                Files.writeString(SCRIPTS.resolve(script), seen);
            }
            assertThat(seen).isEqualTo(expected);
        }
    }

    /** On request only ({@code -Dredis.compare=true}): its texts vary with the version of Redis. */
    @Test
    void theRecordingIsTrueOfTheRedisThatIsInstalled(@TempDir Path directory) throws Exception {
        assumeTrue(
                Boolean.getBoolean("redis.compare") || Boolean.getBoolean("rewrite"),
                "compared with redis-server 7.0 on request");
        assumeTrue(CommandLineTools.isInstalled("redis-server"), "no redis-server here");
        Path script = SCRIPTS.resolve("redis.txt");
        int port = FreePorts.find(1).get(0);
        Process redis =
                new ProcessBuilder(
                                "redis-server",
                                "--port",
                                "" + port,
                                "--save",
                                "",
                                "--dir",
                                directory.toString())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try (RespClient client =
                Awaitility.await()
                        .ignoreExceptions()
                        .until(
                                () -> RespClient.connect(port, Duration.ofSeconds(5)),
                                connected -> true)) {
            String seen = Transcript.run(Files.readString(script), client);
            if (Boolean.getBoolean("rewrite")) {
                Files.writeString(script, seen);
            }
            assertThat(seen).isEqualTo(Files.readString(script));
        } finally {
            redis.destroyForcibly().waitFor();
        }
    }
}
