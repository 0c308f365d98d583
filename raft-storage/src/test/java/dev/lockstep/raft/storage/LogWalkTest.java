package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entries;
import static dev.lockstep.raft.storage.Samples.entry;
import static dev.lockstep.raft.storage.Samples.term;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.storage.StoredDamage.LostRecord;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogWalkTest {
    private static final GroupId OTHER = GroupId.of("other");
    private static final String FIRST = Segment.name(1);

    private final CrashDisk disk = new CrashDisk();
    private HostIdentity host;
    private byte[] whole;
    private int end;

    @BeforeEach
    void writeLog() throws IOException {
        LogStore store = Samples.open(disk, 5);
        host = store.identity();
        store.replica(GROUP);
        store.replica(OTHER);
        store.append(term(GROUP, 3));
        store.append(term(OTHER, 1));
        store.sync();
        for (int i = 1; i <= 4; i++) {
            store.append(entries(GROUP, entry(3, i, 700)));
            store.append(entries(OTHER, entry(1, i, 10)));
            store.sync();
        }
        store.close();
        whole = disk.bytes(FIRST);
        end = whole.length / Blocks.BYTES;
        while (blank(end - 1)) {
            end--;
        }
    }

    private boolean blank(int block) {
        for (int i = block * Blocks.BYTES; i < (block + 1) * Blocks.BYTES; i++) {
            if (whole[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private Heard walk(byte[] segment) throws IOException {
        return Heard.of(disk.copy().put(FIRST, segment), host.incarnation());
    }

    @Test
    void everyRecordOfAWholeLogIsTold() throws IOException {
        Heard heard = walk(whole);
        assertThat(heard.damages).isEmpty();
        assertThat(heard.unfinished).isEmpty();
        assertThat(heard.records.stream().map(StoredRecord::named).filter(Objects::nonNull))
                .containsExactly(GROUP, OTHER);
        List<StoredRecord> entries =
                heard.records.stream().filter(record -> record.kind().equals("ENTRY")).toList();
        assertThat(entries).hasSize(8);
        assertThat(entries.get(0).payload()).isEqualTo(entry(3, 1, 700).payload());
        assertThat(entries.get(0).says()).contains("COMMAND").contains("700 bytes");
    }

    @Test
    void everyDamagedBlockIsToldWithWhatItHeldAndTheRestIsRead() throws IOException {
        int complete = walk(whole).records.size();
        byte[] cut = whole.clone();
        cut[(end - 1) * Blocks.BYTES + 100] ^= 1;
        long lastBatch = walk(cut).damages.get(0).from();
        boolean namedOfLast = false;
        for (int block = 0; block < end; block++) {
            byte[] damaged = whole.clone();
            damaged[block * Blocks.BYTES + 100] ^= 1;
            Heard heard = walk(damaged);
            assertThat(heard.damages).as("block %d", block).hasSize(1);
            StoredDamage damage = heard.damages.get(0);
            assertThat(damage.file()).isEqualTo(FIRST);
            assertThat(damage.offset()).isEqualTo((long) block * Blocks.BYTES);
            assertThat(damage.from()).isLessThanOrEqualTo(damage.offset());
            if (damage.allNamed()) {
                assertThat(heard.records.size() + damage.lost().size())
                        .as("block %d", block)
                        .isEqualTo(complete);
            }
            boolean isLastBatch = damage.from() == lastBatch;
            namedOfLast |= isLastBatch && damage.allNamed();
            if (!isLastBatch) {
                assertThat(damage.allNamed())
                        .as("block %d: a second place knows it", block)
                        .isEqualTo(block > 0);
            }
        }
        assertThat(namedOfLast).as("the last batch's own directory").isTrue();
    }

    @Test
    void aLostWriteIsFoundByTheNumbersOfTheBatches() throws IOException {
        List<StoredRecord> records = walk(whole).records;
        StoredRecord entry =
                records.stream()
                        .filter(r -> r.kind().equals("ENTRY"))
                        .skip(2)
                        .findFirst()
                        .orElseThrow();
        byte[] lost = whole.clone();
        int from = (int) (entry.offset() / Blocks.BYTES);
        Arrays.fill(lost, from * Blocks.BYTES, (from + 2) * Blocks.BYTES, (byte) 0);
        Heard heard = walk(lost);
        assertThat(heard.damages).hasSize(1);
        assertThat(heard.damages.get(0).offset()).isEqualTo((long) from * Blocks.BYTES);
        assertThat(heard.damages.get(0).lost())
                .contains(new LostRecord("ENTRY", GROUP.key(), 3, 2));
    }

    @Test
    void whatACrashLeftIsNoDamage() throws IOException {
        byte[] torn = whole.clone();
        Arrays.fill(torn, (end - 1) * Blocks.BYTES, end * Blocks.BYTES, (byte) 0);
        Heard heard = walk(torn);
        assertThat(heard.damages).isEmpty();
        assertThat(heard.unfinished).hasSize(1);
    }

    @Test
    void aMissingSegmentIsTold() throws IOException {
        LogStore store = Samples.open(disk, 6);
        for (int i = 5; i <= 60; i++) {
            store.append(entries(GROUP, entry(3, i, 900)));
            store.sync();
        }
        store.close();
        Heard before = Heard.of(disk, host.incarnation());
        assertThat(before.damages).isEmpty();
        assertThat(before.records).anyMatch(record -> record.kind().equals("CHECKPOINT_END"));
        disk.delete(Segment.name(2));
        Heard heard = Heard.of(disk, host.incarnation());
        assertThat(heard.damages).hasSize(1);
        assertThat(heard.damages.get(0).file()).isEqualTo(Segment.name(2));
    }

    @Test
    void aStrayFileWithTheNameOfAFarSegmentIsToldOnce() throws IOException {
        String stray = Segment.name(0xffff_ffffL);
        disk.put(stray, new byte[3]);
        Heard heard = Heard.of(disk, host.incarnation());
        assertThat(heard.damages).extracting(StoredDamage::file).containsExactly(stray);
    }

    @Test
    void aReplicaLivesOnInANewDirectoryOnly() throws IOException {
        CrashDisk empty = new CrashDisk();
        UUID incarnation = new UUID(1, 2);
        FileStorage place =
                FileStorage.on(empty, new Random(1)).withSegmentBytes(Samples.SMALL_SEGMENT);
        try (LogStore store =
                StorageInspection.moveInto(
                        place, Samples.CLUSTER, Samples.NODE, Map.of(GROUP, incarnation))) {
            assertThat(store.replica(GROUP).id().incarnation()).isEqualTo(incarnation);
            assertThat(store.replica(OTHER).id().incarnation()).isNotEqualTo(incarnation);
        }
        try (LogStore store = Samples.open(empty, 3)) {
            assertThat(store.replica(GROUP).id().incarnation()).isEqualTo(incarnation);
        }
        assertThatThrownBy(
                        () ->
                                StorageInspection.moveInto(
                                        place, Samples.CLUSTER, Samples.NODE, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("isn't new");
    }
}
