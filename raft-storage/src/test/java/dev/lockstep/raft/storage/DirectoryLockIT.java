package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.LogStore;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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

    /** To close any channel of the lock's file in this process would end the process's lock. */
    @Test
    void aRefusalWithinThisProcessLeavesOtherProcessesLockedOut() throws Exception {
        LogStore first = open();
        assertRefused();
        Path other = directory.resolveSibling(directory.getFileName() + "-link");
        Files.createSymbolicLink(other, directory);
        try {
            assertThatThrownBy(() -> FileStorage.in(other).open(Samples.CLUSTER, Samples.NODE))
                    .hasMessageContaining("is used by another host");
        } finally {
            Files.delete(other);
        }
        assertThat(StorageInspection.lock(directory, true)).isNull();
        assertThat(StorageInspection.lock(directory, false)).isNull();
        assertThat(startedElsewhere()).isEqualTo("DIRECTORY_LOCKED");
        first.close();
        assertThat(startedElsewhere()).isEqualTo("boot 2");
    }

    /** Such as another copy of the library, of another class loader. */
    @Test
    void aRefusalForSomebodyOfThisProcessWhomNobodyKnowsLeavesItsLock() throws Exception {
        open().close();
        try (FileChannel channel =
                FileChannel.open(directory.resolve(DirectoryLock.FILE), StandardOpenOption.WRITE)) {
            assertThat(channel.tryLock()).isNotNull();
            assertRefused();
            assertThat(startedElsewhere()).isEqualTo("DIRECTORY_LOCKED");
        }
        open().close();
    }

    @Test
    void whatIsClosedTwiceLeavesTheLockToWhoeverHasTakenIt() throws Exception {
        LogStore first = open();
        first.close();
        LogStore second = open();
        first.close();
        assertRefused();
        assertThat(startedElsewhere()).isEqualTo("DIRECTORY_LOCKED");
        second.close();
    }

    @Test
    void anOpeningThatFailsFreesTheDirectory() throws IOException {
        open().close();
        assertThatThrownBy(() -> FileStorage.in(directory).open(Samples.CLUSTER, NodeId.of("n9")))
                .hasMessageContaining("was opened as node 'n9'");
        open().close();
        Path lock = directory.resolve(DirectoryLock.FILE);
        Files.delete(lock);
        Files.createDirectory(lock);
        assertThatThrownBy(this::open).isInstanceOf(IOException.class);
        Files.delete(lock);
        open().close();
    }

    @Test
    void readersShareTheLockAndKeepHostsOut() throws Exception {
        assertThatThrownBy(() -> StorageInspection.lock(directory, true))
                .isInstanceOf(NoSuchFileException.class);
        open().close();
        try (Closeable reader = StorageInspection.lock(directory, true)) {
            assertThat(reader).isNotNull();
            assertRefused();
            assertThat(startedElsewhere()).isEqualTo("DIRECTORY_LOCKED");
        }
        open().close();
    }

    /** What a process of its own said that tried to open the directory, and closed it again. */
    private String startedElsewhere() throws Exception {
        Process other = start();
        try (BufferedReader out = other.inputReader(StandardCharsets.UTF_8)) {
            String said = String.valueOf(out.readLine());
            other.getOutputStream().close();
            assertThat(other.waitFor(1, TimeUnit.MINUTES)).isTrue();
            return said;
        } finally {
            other.destroyForcibly();
        }
    }

    private Process start() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    @Test
    void directoryInUseByAnotherProcessIsRefusedUntilThatOneIsKilled() throws Exception {
        Process holder = start();
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
            LogStore store;
            try {
                store =
                        FileStorage.in(Path.of(args[0]))
                                .withSegmentBytes(8192)
                                .open(Samples.CLUSTER, Samples.NODE);
            } catch (StorageException e) {
                System.out.println(e.fault().code());
                return;
            }
            System.out.println("boot " + store.identity().boot());
            System.out.flush();
            System.in.readAllBytes();
            store.close();
        }
    }
}
