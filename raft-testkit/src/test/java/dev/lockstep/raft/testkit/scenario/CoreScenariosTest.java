package dev.lockstep.raft.testkit.scenario;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The scenario files of the core: named bugs of other libraries, and the paper's figures. */
class CoreScenariosTest {
    @TestFactory
    Stream<DynamicTest> scenarios() throws IOException {
        return Scenarios.in(Path.of("src/test/resources/scenarios"), CoreInterpreter::new);
    }
}
