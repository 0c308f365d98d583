package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entries;
import static dev.lockstep.raft.storage.Samples.entry;
import static dev.lockstep.raft.storage.Samples.term;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.storage.StoredDamage.LostRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What an inspection says of batches whose blocks are whole, and that can't stand where they do.
 */
class MisplacedBatchTest {
    private static final String FIRST = Segment.name(1);

    private final CrashDisk disk = new CrashDisk();
    private Heard heard = new Heard();
    private UUID host = new UUID(0, 0);
    private Segment segment = Segment.missing(1, host);
    private byte[] bytes = new byte[0];

    /** Where the next batch begins, and which number it must have. */
    private int end = 1;

    private long next = 1;

    @BeforeEach
    void writeLog() throws IOException {
        try (LogStore store = Samples.open(disk, 5)) {
            HostIdentity identity = store.identity();
            host = identity.incarnation();
            store.replica(GROUP);
            store.append(term(GROUP, 3));
            store.sync();
            store.append(entries(GROUP, entry(3, 1, 700)));
            store.sync();
        }
        segment = Segment.open(disk, 1, host);
        bytes = disk.bytes(FIRST);
        walk();
        assertThat(heard.damages).isEmpty();
        next = heard.records.get(heard.records.size() - 1).batch() + 1;
        Blocks blocks = new Blocks(ByteBuffer.wrap(bytes));
        while (blocks.state(end, segment.generation(), end) == Blocks.State.INTACT) {
            end++;
        }
    }

    private void walk() throws IOException {
        walk(disk.copy().put(FIRST, bytes));
    }

    private void walk(Disk walked) throws IOException {
        heard = Heard.of(walked, host);
        assertThat(heard.unfinished).isEmpty();
    }

    private static RecordDraft draft(long index) {
        return new RecordDraft().entry(GROUP.key(), entry(3, index, 20));
    }

    /** Directory of a batch with just this entry. */
    private static ByteBuffer directory(long index) throws Damage {
        BatchBuffer buffer = new BatchBuffer(ByteBuffer.allocate(0), 1);
        buffer.add(draft(index));
        ByteBuffer data =
                dataOf(buffer.seal(Segment.missing(1, new UUID(0, 0)), 1, BatchPlace.NONE));
        return BatchHead.read(data).directory(data);
    }

    private static ByteBuffer dataOf(ByteBuffer blocks) {
        int count = blocks.remaining() / Blocks.BYTES;
        Blocks copy = new Blocks(ByteBuffer.allocate(blocks.remaining()).put(blocks).clear());
        ByteBuffer data = ByteBuffer.allocate(count * Blocks.DATA_BYTES);
        for (int i = 0; i < count; i++) {
            copy.dataTo(i, data);
        }
        return data.flip();
    }

    /** Puts a batch with entry 3 behind the log, and walks. */
    private void walkWith(long number, ByteBuffer echo, Segment writtenFor) throws IOException {
        BatchBuffer buffer = new BatchBuffer(echo, end);
        buffer.add(draft(3));
        ByteBuffer batch = buffer.seal(writtenFor, number, BatchPlace.NONE);
        batch.get(bytes, end * Blocks.BYTES, batch.remaining());
        walk();
    }

    private StoredDamage told() {
        assertThat(heard.damages).hasSize(1);
        StoredDamage damage = heard.damages.get(0);
        assertThat(damage.code()).isEqualTo(Fault.Code.LOG_CORRUPT);
        assertThat(damage.file()).isEqualTo(FIRST);
        assertThat(damage.offset()).isEqualTo((long) end * Blocks.BYTES);
        assertThat(damage.from()).isEqualTo(damage.offset());
        return damage;
    }

    private boolean isRead(long index) {
        return heard.records.stream().anyMatch(r -> r.kind().equals("ENTRY") && r.index() == index);
    }

    @Test
    void aMissingBatchIsNamedByTheNextOnesEcho() throws IOException, Damage {
        walkWith(next + 1, directory(2), segment);
        StoredDamage damage = told();
        assertThat(damage.what()).startsWith("the batches from " + next + " on are missing");
        assertThat(damage.lost()).containsExactly(new LostRecord("ENTRY", GROUP.key(), 3, 2));
        assertThat(damage.allNamed()).isTrue();
        assertThat(isRead(3)).as("what comes behind is read").isTrue();
    }

    @Test
    void ofSeveralMissingBatchesTheEchoTellsNotAll() throws IOException, Damage {
        walkWith(next + 2, directory(2), segment);
        assertThat(told().lost()).isEmpty();
        assertThat(told().allNamed()).isFalse();
        assertThat(isRead(3)).isTrue();
    }

    @Test
    void aMissingBatchThatIsNotRepeatedIsNotNamed() throws IOException {
        walkWith(next + 1, ByteBuffer.allocate(0), segment);
        assertThat(told().lost()).isEmpty();
        assertThat(told().allNamed()).isFalse();
    }

    @Test
    void aBatchThatComesAgainIsDamage() throws IOException, Damage {
        walkWith(next - 1, directory(2), segment);
        assertThat(told().what())
                .isEqualTo("batch " + (next - 1) + " can't follow batch " + (next - 1));
        assertThat(isRead(3)).isFalse();
    }

    @Test
    void aBatchThatRepeatsAnotherDirectoryIsDamage() throws IOException, Damage {
        walkWith(next, directory(2), segment);
        assertThat(told().what())
                .isEqualTo("the batch repeats another directory than that before it");
        assertThat(isRead(3)).isFalse();
    }

    @Test
    void aBatchOfAnotherSegmentIsDamage() throws IOException, Damage {
        SegmentHeader header = segment.header();
        Segment other =
                new Segment(
                        new SegmentHeader(2, header.generation(), header.blocks(), host),
                        segment.file());
        walkWith(next, directory(2), other);
        assertThat(told().what()).startsWith("this batch was written for another place");
        assertThat(isRead(3)).isFalse();
    }

    /** Changes a byte of the record of the last batch, which is entry 1, under right block sums. */
    private void changeRecord(int at) throws IOException {
        int block = (int) (heard.records.get(heard.records.size() - 1).offset() / Blocks.BYTES);
        bytes[block * Blocks.BYTES + Blocks.HEAD_BYTES + BatchHead.BYTES + at] ^= 1;
        Blocks blocks = new Blocks(ByteBuffer.wrap(bytes));
        blocks.seal(block, segment.generation(), block, blocks.following(block), true);
        end = block;
        walk();
    }

    @Test
    void aRecordThatChangedBeforeItsBlocksWereSealedIsLostByName() throws IOException {
        changeRecord(RecordHead.BYTES + 20);
        StoredDamage damage = told();
        assertThat(damage.what()).startsWith("record 1 fails its checksum");
        assertThat(damage.lost()).containsExactly(new LostRecord("ENTRY", GROUP.key(), 3, 1));
        assertThat(damage.allNamed()).isTrue();
        assertThat(isRead(1)).isFalse();
    }

    @Test
    void aRecordThatIsNotTheListedOneIsDamage() throws IOException {
        changeRecord(RecordHead.BYTES - 1);
        assertThat(told().what()).startsWith("record 1 is ").contains(", listed is ");
        assertThat(told().lost()).isEmpty();
        assertThat(isRead(1)).isFalse();
    }

    @Test
    void segmentsOfAnotherHostAreNamedAndNotRead() throws IOException {
        host = new UUID(1, 2);
        walk();
        assertThat(heard.damages)
                .extracting(StoredDamage::file)
                .contains(FIRST)
                .doesNotHaveDuplicates();
        assertThat(heard.damages)
                .allMatch(damage -> damage.what().startsWith("it can't be used as a segment: "));
        assertThat(heard.records).isEmpty();
    }

    @Test
    void aSegmentWithoutAHeaderIsNamedAndNotRead() throws IOException {
        bytes[100] ^= 1;
        walk();
        assertThat(heard.damages).hasSize(1);
        assertThat(heard.damages.get(0).code()).isEqualTo(Fault.Code.LOG_CORRUPT);
        assertThat(heard.damages.get(0).what())
                .isEqualTo(
                        "its header is damaged, so nobody knows which of its blocks are of its present use");
        assertThat(heard.records).isEmpty();
    }

    @Test
    void theFirstSegmentsAreMissingWhereNoLaterOneHoldsAnything() throws IOException {
        SegmentHeader header = new SegmentHeader(2, 9, segment.blocks(), host);
        Blocks blank = Blocks.direct(segment.blocks());
        header.putInto(blank);
        byte[] content = new byte[bytes.length];
        blank.first(segment.blocks()).get(content);
        walk(disk.copy().remove(FIRST).put(Segment.name(2), content));
        assertThat(heard.damages).hasSize(1);
        assertThat(heard.damages.get(0).code()).isEqualTo(Fault.Code.LOG_GAP);
        assertThat(heard.damages.get(0).file()).isEqualTo(FIRST);
        assertThat(heard.damages.get(0).what())
                .startsWith("it is missing, while " + Segment.name(2));
    }
}
