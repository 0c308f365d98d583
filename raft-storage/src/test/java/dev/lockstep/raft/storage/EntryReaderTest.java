package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.LogPosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Which entries are fetched with one read of the disk. */
class EntryReaderTest {
    private static final long KEY = GROUP.key();
    private static final int BLOCKS = 3000;
    private static final int FAR = 100_003;
    private static final int MOST_GAP_BYTES = 32 << 10;
    private static final int MOST_READ_BYTES = 1 << 20;

    private final CrashDisk disk = new CrashDisk();
    private final Blocks blocks = Blocks.direct(BLOCKS);
    private final EntryIndex index = new EntryIndex(LogPosition.ZERO, new LiveBytes());
    private final List<Entry> written = new ArrayList<>();
    private int fileBlocks = BLOCKS;
    private int reads;

    /**
     * @return where it ends
     */
    private int put(int dataAt, int payloadBytes) {
        Entry entry = entry(1, written.size() + 1, payloadBytes);
        RecordDraft draft = new RecordDraft().entry(KEY, entry);
        draft.writeTo(blocks, dataAt);
        index.add(1, Place.of(1, dataAt), draft.length());
        written.add(entry);
        return dataAt + draft.length();
    }

    private List<Entry> read() throws IOException {
        ByteBuffer content = blocks.first(fileBlocks);
        byte[] bytes = new byte[content.remaining()];
        content.get(bytes);
        disk.put(Segment.name(1), bytes);
        Disk.File file = disk.open(Segment.name(1));
        DelegatingDisk.File counting =
                new DelegatingDisk.File() {
                    @Override
                    public Disk.File file() {
                        return file;
                    }

                    @Override
                    public int read(ByteBuffer target, long position) throws IOException {
                        reads++;
                        return file.read(target, position);
                    }
                };
        Segment segment = new Segment(new SegmentHeader(1, 7, BLOCKS, new UUID(1, 2)), counting);
        Segments segments = new Segments(List.of(segment));
        return new EntryReader(disk, segments).read(KEY, index, 1, Integer.MAX_VALUE);
    }

    private void assertReads(int expected) throws IOException {
        assertThat(read()).isEqualTo(written);
        assertThat(reads).isEqualTo(expected);
    }

    @Test
    void neighboursAreFetchedTogether() throws IOException {
        put(put(put(FAR, 900), 900), 900);
        assertReads(1);
    }

    @Test
    void asMuchAsTheWidestGapIsReadAlong() throws IOException {
        put(put(FAR, 900) + MOST_GAP_BYTES, 900);
        assertReads(1);
    }

    @Test
    void aWiderGapIsLeftOut() throws IOException {
        put(put(FAR, 900) + MOST_GAP_BYTES + 1, 900);
        assertReads(2);
    }

    @Test
    void oneReadIsAsLargeAsItMayBe() throws IOException {
        int end = put(FAR, 600_000);
        put(end, FAR + MOST_READ_BYTES - end - RecordDraft.ENTRY_OVERHEAD_BYTES);
        assertReads(1);
    }

    @Test
    void oneReadIsNoLargerThanItMayBe() throws IOException {
        int end = put(FAR, 600_000);
        put(end, FAR + MOST_READ_BYTES - end - RecordDraft.ENTRY_OVERHEAD_BYTES + 1);
        assertReads(2);
    }

    @Test
    void aCopyThatStandsBehindItsSuccessorIsFetchedByItself() throws IOException {
        put(FAR + 5000, 900);
        put(FAR, 900);
        assertReads(2);
    }

    @Test
    void theEntriesBeforeALostOneAreRead() throws IOException {
        put(FAR, 900);
        index.add(1, Place.LOST, 900);
        put(FAR + 5000, 900);
        assertThat(read()).containsExactly(written.get(0));
    }

    @Test
    void whereTheFileEndsIsTold() {
        put(3 * Blocks.DATA_BYTES, 5000);
        fileBlocks = 5;
        assertThatThrownBy(this::read).hasMessageContaining("it ends within block 5");
    }
}
