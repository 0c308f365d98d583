package dev.lockstep.raft.testkit.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** Makes a test of each scenario file of a folder, for a {@code @TestFactory}. */
public final class Scenarios {
    /** The system property that makes each test write its file anew instead of comparing. */
    public static final String REWRITE = "scenario.rewrite";

    private Scenarios() {}

    /**
     * One test for each {@code .txt} file, by name.
     *
     * @param folder in the source tree, so that rewriting changes the sources
     * @param worlds a new interpreter for each file
     * @throws IOException when the folder can't be read
     */
    public static Stream<DynamicTest> in(Path folder, Supplier<ScenarioInterpreter> worlds)
            throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
        }
        return files.stream()
                .map(
                        file ->
                                DynamicTest.dynamicTest(
                                        file.getFileName().toString(),
                                        () -> {
                                            ScenarioFile scenario = ScenarioFile.read(file);
                                            if (Boolean.getBoolean(REWRITE)) {
                                                scenario.rewrite(worlds.get());
                                            } else {
                                                scenario.run(worlds.get());
                                            }
                                        }));
    }
}
