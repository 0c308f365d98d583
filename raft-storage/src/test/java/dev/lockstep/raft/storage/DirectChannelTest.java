package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Large writes that go past the page cache, beside small ones that don't. */
final class DirectChannelTest {
    private static final int UNIT = DirectChannel.MOST_UNIT_BYTES;
    private static final int FILE_BYTES = 1 << 20;

    @Test
    void whateverIsWrittenThroughEitherIsReadBackAsItWasWrittenLast(@TempDir Path directory)
            throws IOException {
        Random random = new Random(7);
        byte[] expected = new byte[FILE_BYTES];
        Path path = Files.write(directory.resolve("file"), expected);
        try (ChannelFile file = ChannelFile.open(path)) {
            for (int i = 0; i < 300; i++) {
                int from = random.nextInt(FILE_BYTES / 512) * 512;
                int length = 1 + random.nextInt(FILE_BYTES - from);
                byte[] bytes = new byte[length];
                random.nextBytes(bytes);
                System.arraycopy(bytes, 0, expected, from, length);
                ByteBuffer source = source(bytes, random.nextInt(3), from);
                file.write(source, from);
                assertThat(source.hasRemaining()).as("everything is taken").isFalse();
                file.sync();
                ByteBuffer back = ByteBuffer.allocate(FILE_BYTES);
                file.read(back, 0);
                assertThat(back.array()).isEqualTo(expected);
            }
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(expected);
    }

    /** On the heap, direct but anywhere, and as it will lie in the file. */
    private static ByteBuffer source(byte[] bytes, int kind, int position) {
        if (kind == 0) {
            return ByteBuffer.wrap(bytes);
        }
        int from = kind == 1 ? 1 : position % UNIT;
        ByteBuffer memory = ByteBuffer.allocateDirect(bytes.length + 3 * UNIT).alignedSlice(UNIT);
        return memory.slice(from, bytes.length).put(bytes).flip();
    }

    @Test
    void theWholeUnitsOfAnAlignedWriteGoPastTheCacheAndItsEndsDoNot(@TempDir Path directory)
            throws IOException {
        Path path = Files.write(directory.resolve("file"), new byte[FILE_BYTES]);
        try (DirectChannel channel = DirectChannel.open(path)) {
            assumeTrue(channel != null, "this file system has no direct writes");
            byte[] bytes = new byte[200_000];
            assertThat(channel.unaligned(512)).isEqualTo(UNIT - 512);
            assertThat(channel.suited(source(bytes, 2, 512), 512))
                    .isEqualTo((bytes.length - UNIT + 512) / UNIT * UNIT);
            assertThat(channel.suited(source(bytes, 2, 512), UNIT)).as("lies elsewhere").isZero();
            assertThat(channel.suited(source(bytes, 0, 0), 0)).as("on the heap").isZero();
            byte[] small = new byte[DirectChannel.LEAST_BYTES - 1];
            assertThat(channel.suited(source(small, 2, 0), 0)).as("too small").isZero();
        }
    }

    @Test
    void theLogsBatchesLieInMemoryAsTheyWillInTheFile() {
        for (int block = 1; block < 40; block++) {
            BatchBuffer batch = new BatchBuffer(ByteBuffer.allocate(0), 1);
            batch.beginAt(block);
            batch.add(new RecordDraft().checkpointEnd(0, 0));
            Segment segment =
                    new Segment(
                            new SegmentHeader(1, 1, 99, new UUID(0, 1)), new MissingFile("none"));
            ByteBuffer sealed = batch.seal(segment, 1, BatchPlace.NONE);
            assertThat(sealed.alignmentOffset(0, UNIT)).isEqualTo(block * Blocks.BYTES % UNIT);
        }
    }

    @Test
    void aLargeBatchFillsItsLastUnitWhereTheSegmentHasRoomForThat() {
        int data = DirectChannel.LEAST_BYTES;
        int exact = sealed(8, data, 9_999).remaining() / Blocks.BYTES;
        assertThat(exact % (UNIT / Blocks.BYTES)).isZero();
        for (int block = 1; block < 20; block++) {
            int bytes = sealed(block, data, 9_999).remaining();
            assertThat((block * Blocks.BYTES + bytes) % UNIT).as("from block " + block).isZero();
            assertThat(bytes).isLessThan(exact * Blocks.BYTES + 2 * UNIT);
        }
        int needed = sealed(8, data, 0).remaining() / Blocks.BYTES;
        assertThat(needed).as("as much as it needs").isLessThanOrEqualTo(exact);
        assertThat(sealed(8, data, 8 + exact).remaining()).isEqualTo(exact * Blocks.BYTES);
        assertThat(sealed(8, 4096, 9_999).remaining() % UNIT).as("a small one").isNotZero();
    }

    /** A batch with one entry of so many bytes, for a segment of so many blocks. */
    private static ByteBuffer sealed(int block, int bytes, int blocks) {
        BatchBuffer batch = new BatchBuffer(ByteBuffer.allocate(0), block);
        Payload payload = Payload.wrap(new byte[bytes]);
        batch.add(new RecordDraft().entry(1, new Entry(1, 1, EntryKind.COMMAND, 1, payload)));
        Segment segment =
                new Segment(
                        new SegmentHeader(1, 1, blocks, new UUID(0, 1)), new MissingFile("none"));
        return batch.seal(segment, 1, BatchPlace.NONE);
    }

    @Test
    void largeAndSmallBatchesInTurnsAreThereAfterAReopen(@TempDir Path directory)
            throws IOException {
        GroupId group = GroupId.of("g");
        int[] sizes = {300_000, 10, 131_072, 130_000, 4096, 1, 262_144, 262_144, 77};
        try (LogStore store = open(directory)) {
            store.replica(group);
            store.append(new ReplicaWrite(group, null, new HardState(1, null), 0, List.of()));
            for (int i = 0; i < sizes.length; i++) {
                store.append(new ReplicaWrite(group, null, null, 0, List.of(entry(i, sizes[i]))));
                store.sync();
            }
        }
        try (LogStore store = open(directory)) {
            assertThat(store.replica(group).lastIndex()).isEqualTo(sizes.length);
            for (int i = 0; i < sizes.length; i++) {
                assertThat(store.read(group, i + 1, 1)).containsExactly(entry(i, sizes[i]));
            }
        }
    }

    private static LogStore open(Path directory) throws IOException {
        return FileStorage.in(directory).open(new ClusterId("c"), NodeId.of("n1"));
    }

    private static Entry entry(int i, int bytes) {
        byte[] content = new byte[bytes];
        new Random(i).nextBytes(content);
        return new Entry(1, i + 1, EntryKind.COMMAND, i, Payload.wrap(content));
    }

    /** An empty file has nothing that a read could try. */
    @Test
    void aFirstWriteThatIsRefusedGoesThroughTheCacheAndSoDoAllAfterIt(@TempDir Path directory)
            throws IOException {
        Path path = directory.resolve("file");
        FileChannel refusing = FileChannel.open(Files.createFile(path), StandardOpenOption.READ);
        refusing.close();
        DirectChannel channel = new DirectChannel(refusing, UNIT);
        byte[] bytes = new byte[2 * DirectChannel.LEAST_BYTES];
        new Random(1).nextBytes(bytes);
        try (ChannelFile file = ChannelFile.open(path)) {
            file.writeLargeOnesThrough(channel);
            file.write(source(bytes, 2, 0), 0);
            file.write(source(bytes, 2, 0), bytes.length);
            file.sync();
        }
        byte[] written = Files.readAllBytes(path);
        assertThat(written).hasSize(2 * bytes.length).startsWith(bytes).endsWith(bytes);
    }

    @Test
    void aWriteThatFailsAfterOthersWentWellIsAFailureOfTheDisk(@TempDir Path directory)
            throws IOException {
        Path path = Files.write(directory.resolve("file"), new byte[FILE_BYTES]);
        FileChannel plain = FileChannel.open(path, StandardOpenOption.WRITE);
        try (ChannelFile file = ChannelFile.open(path)) {
            file.writeLargeOnesThrough(new DirectChannel(plain, UNIT));
            byte[] bytes = new byte[DirectChannel.LEAST_BYTES];
            file.write(source(bytes, 2, 0), 0);
            plain.close();
            assertThatThrownBy(() -> file.write(source(bytes, 2, 0), 0))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aFileThatCanNotBeOpenedSoIsWrittenAsEver() {
        assertThat(DirectChannel.open(Path.of("/dev/null"))).isNull();
    }
}
