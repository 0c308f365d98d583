package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.LogStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryLockIT {
    @TempDir Path directory;

    private LogStore open() throws IOException {
        return FileStorage.in(directory).withSegmentBytes(8192).open(Samples.CLUSTER, Samples.NODE);
    }

    @Test
    void directoryInUseIsRefusedWithinThisProcess() throws IOException {
        LogStore first = open();
        assertRefused();
        assertRefused();
        first.close();
        open().close();
    }

    @Test
    void directoryInUseByAnotherProcessIsRefusedUntilThatOneIsKilled() throws Exception {
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
            assertThat(out.readLine()).isEqualTo("boot 1");
            assertRefused();
        } finally {
            holder.destroyForcibly();
        }
        assertThat(holder.waitFor(1, TimeUnit.MINUTES)).isTrue();
        try (LogStore store = open()) {
            assertThat(store.identity().boot()).isEqualTo(2);
        }
    }

    private void assertRefused() {
        assertThatThrownBy(this::open)
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e -> assertThat(e.fault().code()).isEqualTo(Fault.Code.DIRECTORY_LOCKED))
                .hasMessageContaining(directory.toString());
    }

    /** Holds a directory until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws IOException {
            LogStore store =
                    FileStorage.in(Path.of(args[0]))
                            .withSegmentBytes(8192)
                            .open(Samples.CLUSTER, Samples.NODE);
            System.out.println("boot " + store.identity().boot());
            System.out.flush();
            System.in.readAllBytes();
            store.close();
        }
    }
}
