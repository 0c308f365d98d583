package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lockstep.raft.harness.process.Directories;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@code examples/kv/demo --check}, as a user runs it.
 *
 * <p>The script builds what is older than its sources, and a build inside this build would replace
 * jars that are in use. So it runs from a folder that links to the script and to what this build
 * has made, without the sources.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class DemoIT {
    private static final Path EXAMPLE =
            Path.of("..", "examples", "kv").toAbsolutePath().normalize();

    private static final Path ROOT = Path.of("target", "demo").toAbsolutePath();
    private static final Pattern RESULT =
            Pattern.compile("(?m)^OK: \\d+ keys written and read through every node.*");

    @Test
    void theDemoChecksItself() throws Exception {
        boolean isBuilt = Files.isDirectory(EXAMPLE.resolve("target/lib"));
        assumeTrue(isBuilt, "skipped: examples/kv isn't built; use -am");
        Directories.delete(ROOT);
        Path example = Files.createDirectories(ROOT.resolve("examples/kv"));
        for (String name : new String[] {"demo", "launch.sh", "target"}) {
            Files.createSymbolicLink(example.resolve(name), EXAMPLE.resolve(name));
        }
        ProcessBuilder demo = new ProcessBuilder(example.resolve("demo").toString(), "--check");
        demo.environment().put("JAVA_HOME", System.getProperty("java.home"));
        String printed = Programs.run(demo);
        Matcher result = RESULT.matcher(printed);
        assertThat(result.find()).as(printed).isTrue();
        System.out.println("demo --check: " + result.group());
        Directories.delete(ROOT);
    }
}
