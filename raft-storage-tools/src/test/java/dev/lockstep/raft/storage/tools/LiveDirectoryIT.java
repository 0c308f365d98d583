package dev.lockstep.raft.storage.tools;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.storage.FileStorage;
import dev.lockstep.raft.storage.tools.Tool.Result;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As an operator meets it: the host is another process. */
class LiveDirectoryIT {
    @TempDir Path root;

    @Test
    void aDirectoryIsRefusedWhileItsProcessLivesAndReadOnceThatIsKilled() throws Exception {
        Path directory = root.resolve("n1");
        Process holder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Holder.class.getName(),
                                directory.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader out = holder.inputReader(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).isEqualTo("open");
            Map<String, Integer> before = Tool.files(directory);
            for (Object[] command :
                    new Object[][] {
                        {"inspect", directory},
                        {"verify", directory},
                        {"export", directory, "--group", "g", "--to", root.resolve("b")},
                        {
                            "recover",
                            directory,
                            "--into",
                            root.resolve("x"),
                            "--cluster",
                            "new",
                            "--yes"
                        },
                    }) {
                Result refused = Tool.run(command);
                assertThat(refused.exit()).as(refused.toString()).isEqualTo(3);
                assertThat(refused.err()).contains("in use");
            }
            assertThat(Tool.files(directory)).isEqualTo(before);
        } finally {
            holder.destroyForcibly();
        }
        assertThat(holder.waitFor(1, TimeUnit.MINUTES)).isTrue();
        Result inspected = Tool.run("inspect", directory);
        assertThat(inspected.exit()).as(inspected.toString()).isEqualTo(0);
        assertThat(inspected.out()).contains("group 'g'");
    }

    /** Holds a directory until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws IOException {
            LogStore store =
                    FileStorage.in(Path.of(args[0]))
                            .withSegmentBytes(8192)
                            .open(new ClusterId("c"), NodeId.of("n1"));
            store.replica(GroupId.of("g"));
            System.out.println("open");
            System.out.flush();
            System.in.readAllBytes();
            store.close();
        }
    }
}
