package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of a real directory: what interrupts do to it, and what it leaves open. */
class ChannelFileTest {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final int BYTES = 1 << 20;

    @TempDir Path directory;
    private Path path;
    private final byte[] content = new byte[BYTES];

    @BeforeEach
    void write() throws IOException {
        new Random(3).nextBytes(content);
        path = Files.write(directory.resolve("file"), content);
    }

    private static byte[] read(Disk.File file, int count, long position) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(count);
        byte[] read = new byte[file.read(target, position)];
        target.flip().get(read);
        assertThat(target.hasRemaining()).as("what is counted is what was read").isFalse();
        return read;
    }

    /** How often this process has the file open. */
    private long descriptors() throws IOException {
        assumeTrue(Files.isDirectory(DESCRIPTORS), "this system doesn't tell");
        List<Path> all;
        try (Stream<Path> open = Files.list(DESCRIPTORS)) {
            all = open.toList();
        }
        return all.stream().filter(each -> target(each).startsWith(path.toString())).count();
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return "closed meanwhile";
        }
    }

    @Test
    void aReadThatFailsNamesItsFile(@TempDir Path parent) throws IOException {
        Path unreadable = Files.createDirectory(parent.resolve("unreadable"));
        try (ChannelFile file = ChannelFile.openToRead(unreadable)) {
            assertThatThrownBy(() -> file.read(ByteBuffer.allocate(10), 0))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(unreadable + ": ");
        }
    }

    @Test
    void aReadBeginsWhereTheTargetStandsAndEndsWithTheFile() throws IOException {
        try (ChannelFile file = ChannelFile.open(path)) {
            ByteBuffer target = ByteBuffer.allocate(300).position(100);
            assertThat(file.read(target, BYTES - 150)).isEqualTo(150);
            assertThat(target.position()).isEqualTo(250);
            assertThat(List.of(target.get(99), target.get(250))).containsOnly((byte) 0);
            byte[] read = new byte[150];
            target.get(100, read);
            assertThat(read).isEqualTo(Arrays.copyOfRange(content, BYTES - 150, BYTES));
            assertThat(file.read(ByteBuffer.allocate(9), BYTES)).isZero();
        }
    }

    @Test
    void aReaderThatIsInterruptedReadsAndIsStillInterruptedAndTheWriterGoesOn() throws IOException {
        try (ChannelFile file = ChannelFile.open(path)) {
            for (int i = 0; i < 3; i++) {
                Thread.currentThread().interrupt();
                byte[] read = read(file, 100, 50);
                assertThat(Thread.interrupted()).as("nobody takes the interrupt").isTrue();
                assertThat(read).isEqualTo(Arrays.copyOfRange(content, 50, 150));
                file.write(ByteBuffer.wrap(new byte[] {(byte) i}), 7);
                file.sync();
                assertThat(read(file, 1, 7)).containsExactly(i);
            }
        }
    }

    @Test
    void whatIsClosedIsNotOpenedAgainByAReadOrAWrite() throws IOException {
        ChannelFile file = ChannelFile.open(path);
        file.close();
        assertThatThrownBy(() -> read(file, 1, 0)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> file.write(ByteBuffer.allocate(1), 0))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> file.write(ByteBuffer.allocateDirect(BYTES), 0))
                .isInstanceOf(ClosedChannelException.class);
        assertThat(descriptors()).isZero();
    }

    @Test
    void largeWritesGoPastTheCacheThroughAChannelOfTheirOwnThatIsClosedToo() throws IOException {
        try (DirectChannel direct = DirectChannel.open(path)) {
            assumeTrue(direct != null, "this file system has no direct writes");
        }
        ByteBuffer large = ByteBuffer.allocateDirect(BYTES + 4096).alignedSlice(4096);
        ChannelFile file = ChannelFile.open(path);
        assertThat(descriptors()).isEqualTo(2);
        file.write(large.slice(0, DirectChannel.LEAST_BYTES - 1), 0);
        assertThat(descriptors()).as("small").isEqualTo(2);
        file.write(large.slice(0, DirectChannel.LEAST_BYTES), 0);
        file.write(large.slice(0, DirectChannel.LEAST_BYTES), 0);
        assertThat(descriptors()).isEqualTo(3);
        file.close();
        assertThat(descriptors()).isZero();
    }

    @Test
    void oneThatIsOnlyReadIsNeverWrittenAndIsClosed() throws IOException {
        Disk disk = FileSystemDisk.in(directory);
        Disk.File file = disk.openToRead("file");
        assertThat(file.name()).isEqualTo("file");
        assertThat(file.size()).isEqualTo(BYTES);
        assertThat(read(file, BYTES, 0)).isEqualTo(content);
        assertThatThrownBy(() -> file.write(ByteBuffer.allocate(1), 0))
                .isInstanceOf(NonWritableChannelException.class);
        assertThat(descriptors()).isEqualTo(1);
        file.close();
        assertThat(descriptors()).isZero();
        assertThat(Files.readAllBytes(path)).isEqualTo(content);
    }

    /** The file is gone as soon as it is open, on systems where an open file can go. */
    @Test
    void oneThatCanBeWrittenAndNotReadIsNotLeftOpen() throws IOException {
        assumeTrue(Files.isDirectory(DESCRIPTORS), "this system doesn't tell");
        assertThatThrownBy(() -> ChannelFile.open(path, StandardOpenOption.DELETE_ON_CLOSE))
                .isInstanceOf(NoSuchFileException.class);
        assertThat(descriptors()).isZero();
    }
}
