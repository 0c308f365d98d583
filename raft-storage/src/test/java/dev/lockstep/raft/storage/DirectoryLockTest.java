package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other processes are in {@link DirectoryLockIT}. */
class DirectoryLockTest {
    @TempDir Path directory;

    /** The file is taken away, so that it would be there again if anybody opened it. */
    @Test
    void whoeverHoldsADirectoryNeverOpensTheFileOfItsLockAgain() throws IOException {
        Path file = directory.resolve(DirectoryLock.FILE);
        try (Closeable held = DirectoryLock.exclusive(directory)) {
            assertThat(held).isNotNull();
            Files.delete(file);
            assertThat(DirectoryLock.exclusive(directory)).isNull();
            assertThat(DirectoryLock.shared(directory)).isNull();
            assertThat(file).doesNotExist();
        }
        try (Closeable held = DirectoryLock.exclusive(directory)) {
            assertThat(held).isNotNull();
        }
    }
}
