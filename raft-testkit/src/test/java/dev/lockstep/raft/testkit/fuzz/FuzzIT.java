package dev.lockstep.raft.testkit.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.Jazzer;
import dev.lockstep.raft.storage.IdentityFuzz;
import dev.lockstep.raft.storage.LogFuzz;
import dev.lockstep.raft.storage.PeersFuzz;
import dev.lockstep.raft.transport.netty.WireFuzz;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A coverage-guided fuzz of each decoder, in a process of its own: some seconds of it in a build,
 * more by {@code raft-testkit/fuzz}. A finding is printed with the bytes that lead to it, in base
 * 64; those belong into {@link FuzzRegressionTest}.
 */
class FuzzIT {
    /** For each; 0 for as long as {@link #LEAST_LOG_RUNS} and {@link #LEAST_RUNS} take. */
    private static final int SECONDS =
            Integer.getInteger("lockstep.fuzz.seconds", Boolean.getBoolean("lockstep.ci") ? 30 : 0);

    /** Each of them opens a whole directory. */
    private static final int LEAST_LOG_RUNS = 1_000;

    private static final int LEAST_RUNS = 50_000;

    /** For the least runs on a busy machine. */
    private static final int LONG_ENOUGH_SECONDS = 30;

    private static final int SEED = Integer.getInteger("lockstep.fuzz.seed", 1);
    private static final Pattern DONE = Pattern.compile("#(\\d+)\\s+DONE +cov: \\d+.*");
    private static final String ONLY = System.getProperty("lockstep.fuzz.only", "");

    @TempDir Path directory;

    static Stream<Arguments> targets() {
        return Stream.of(
                        Arguments.of(LogFuzz.class, LogFuzz.seeds()),
                        Arguments.of(IdentityFuzz.class, IdentityFuzz.seeds()),
                        Arguments.of(PeersFuzz.class, PeersFuzz.seeds()),
                        Arguments.of(SnapshotFuzz.class, SnapshotFuzz.seeds()),
                        Arguments.of(WireFuzz.class, WireFuzz.seeds()))
                .filter(each -> ((Class<?>) each.get()[0]).getSimpleName().contains(ONLY));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("targets")
    void nothingThatAFuzzerComesUponBreaksADecoder(Class<?> target, List<byte[]> seeds)
            throws Exception {
        Path log = directory.resolve("log");
        Process fuzzer =
                new ProcessBuilder(command(target, corpus(seeds)))
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            assertThat(fuzzer.waitFor(SECONDS + 120L, TimeUnit.SECONDS)).as("it ends").isTrue();
        } finally {
            fuzzer.destroyForcibly();
        }
        String said = Files.readString(log, StandardCharsets.ISO_8859_1);
        assertThat(fuzzer.exitValue()).as(said).isZero();
        Matcher done = DONE.matcher(said);
        assertThat(done.find()).as("it was guided by coverage: " + said).isTrue();
        if (SECONDS == 0 || SECONDS >= LONG_ENOUGH_SECONDS) {
            assertThat(Long.parseLong(done.group(1))).isGreaterThanOrEqualTo(leastRuns(target));
        }
        System.out.println(target.getSimpleName() + " " + done.group());
    }

    private static int leastRuns(Class<?> target) {
        return target.equals(LogFuzz.class) ? LEAST_LOG_RUNS : LEAST_RUNS;
    }

    private Path corpus(List<byte[]> seeds) throws IOException {
        Path corpus = Files.createDirectory(directory.resolve("corpus"));
        for (int i = 0; i < seeds.size(); i++) {
            Files.write(corpus.resolve("seed-" + i), seeds.get(i));
        }
        return corpus;
    }

    private static List<String> command(Class<?> target, Path corpus) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-ea", "-Xmx512m", "-XX:+UseSerialGC"));
        command.add("-Dslf4j.internal.verbosity=ERROR");
        command.add(
                "-Dlogback.configurationFile=" + System.getProperty("logback.configurationFile"));
        command.add("-Dlockstep.log=OFF");
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(Jazzer.class.getName());
        command.add("--target_class=" + target.getName());
        command.add("--instrumentation_includes=dev.lockstep.raft.**");
        command.add("--disabled_hooks=*");
        command.add(SECONDS > 0 ? "-max_total_time=" + SECONDS : "-runs=" + leastRuns(target));
        command.add("-seed=" + SEED);
        command.add("-timeout=20");
        command.add("-rss_limit_mb=0");
        command.add(corpus.toString());
        return command;
    }
}
