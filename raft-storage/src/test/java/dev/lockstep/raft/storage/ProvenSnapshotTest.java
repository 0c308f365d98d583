package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.LogStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A snapshot counts once it was read back from the disk; what memory holds of it proves nothing.
 */
class ProvenSnapshotTest {
    /** Its memory shows every file as it was written; of one byte the disk made something else. */
    private record Forgetful(Disk disk) implements DelegatingDisk {
        @Override
        public Disk.File openToProve(String name) throws IOException {
            return new ForgetfulFile(disk.openToRead(name));
        }
    }

    private record ForgetfulFile(Disk.File file) implements DelegatingDisk.File {
        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            int start = target.position();
            int count = file.read(target, position);
            long at = file.size() / 2 - position;
            if (at >= 0 && at < count) {
                target.put(start + (int) at, (byte) (target.get(start + (int) at) ^ 4));
            }
            return count;
        }
    }

    @Test
    void aSnapshotThatTheDiskDoesNotHoldAsItWasWrittenIsNotPublished() throws IOException {
        CrashDisk disk = new CrashDisk();
        LogPosition position = new LogPosition(1, 3);
        try (LogStore store = Samples.open(new Forgetful(disk), 1)) {
            store.replica(GROUP);
            store.append(Samples.term(GROUP, 1));
            store.sync();
            assertThatThrownBy(() -> Samples.snapshot(store, GROUP, position))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("SNAPSHOT_CORRUPT");
            assertThat(store.snapshots().list(GROUP)).isEmpty();
        }
        assertThat(disk.list()).noneMatch(name -> name.startsWith("snap"));
    }

    @Test
    void whatIsReadPastTheCacheIsWhatWasWritten(@TempDir Path directory) throws IOException {
        Random random = new Random(3);
        for (int size : new int[] {1, 511, 4095, 4096, 4097, 262_144, 300_001, 1_000_000}) {
            byte[] content = new byte[size];
            random.nextBytes(content);
            Path path = Files.write(directory.resolve("file-" + size), content);
            try (UncachedFile file = UncachedFile.open(path, false)) {
                assumeTrue(file != null, "this file system has no direct reads");
                assertThat(file.size()).isEqualTo(size);
                for (int i = 0; i < 40; i++) {
                    int from = random.nextInt(size + 10);
                    int length = random.nextInt(size + 10);
                    ByteBuffer target = ByteBuffer.allocate(length);
                    int read = file.read(target, from);
                    assertThat(read).isEqualTo(Math.max(0, Math.min(length, size - from)));
                    int begin = Math.min(from, size);
                    assertThat(Arrays.copyOf(target.array(), read))
                            .isEqualTo(Arrays.copyOfRange(content, begin, begin + read));
                }
            }
        }
    }

    /** Through the cache it would look whole. */
    @Test
    void aReadPastTheCacheThatFailsWhereOthersHaveWorkedIsTheDisksFailure(@TempDir Path directory)
            throws IOException {
        Path path = Files.write(directory.resolve("file"), new byte[10]);
        FileChannel broken = FileChannel.open(path);
        broken.close();
        assertThat(UncachedFile.of(path, broken, 4096, false)).isNull();
        assertThatThrownBy(() -> UncachedFile.of(path, broken, 4096, true))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aFileThatCanNotBeReadPastTheCacheIsReadAsOthersAre(@TempDir Path directory)
            throws IOException {
        assertThat(UncachedFile.open(directory.resolve("none"), true)).isNull();
        assertThatThrownBy(() -> FileSystemDisk.in(directory).openToProve("none"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none");
    }
}
