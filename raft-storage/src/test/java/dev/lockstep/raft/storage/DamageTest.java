package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entries;
import static dev.lockstep.raft.storage.Samples.entry;
import static dev.lockstep.raft.storage.Samples.log;
import static dev.lockstep.raft.storage.Samples.term;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A small log in one segment, damaged in every way that one can think of. */
class DamageTest {
    private static final int[] MASKS = {1, 0x80, 0xff};
    private static final boolean ALL_MASKS = Boolean.getBoolean("lockstep.ci");

    private static final String FIRST = Segment.name(1);

    /** The segment before and after the last batch, which fills several blocks. */
    private byte[] before;

    private byte[] whole;
    private RecoveredReplica replicaBefore;
    private RecoveredReplica replica;
    private List<Entry> entries;
    private CrashDisk disk;
    private int lastBatch;
    private int end;

    @BeforeEach
    void writeLog() throws IOException {
        disk = new CrashDisk();
        LogStore store = Samples.open(disk, 5);
        store.replica(GROUP);
        store.append(
                new ReplicaWrite(
                        GROUP,
                        Samples.founding(false),
                        new HardState(2, Samples.replica("n2", 2)),
                        0,
                        List.of(entry(1, 1, 600), entry(2, 2, 3))));
        store.sync();
        store.append(Samples.truncation(GROUP, 2, entry(2, 2, 40)));
        store.sync();
        replicaBefore = store.replica(GROUP);
        before = disk.bytes(FIRST);
        store.append(term(GROUP, 3));
        store.append(entries(GROUP, entry(3, 3, 1500), entry(3, 4, 700)));
        store.sync();
        replica = store.replica(GROUP);
        entries = log(store, GROUP);
        store.close();
        whole = disk.bytes(FIRST);
        lastBatch = Arrays.mismatch(before, whole) / Blocks.BYTES;
        end = whole.length / Blocks.BYTES;
        while (isZero(end - 1)) {
            end--;
        }
        assertThat(end - lastBatch).as("blocks of the last batch").isEqualTo(6);
    }

    /** With {@code CI=true}, each byte in each of these ways; else in one. */
    @Tag("slow")
    @Test
    void everyFlippedByteOfWhatWasSyncedIsFoundByFileAndOffset() throws IOException {
        int harmless = 0;
        for (int at = 0; at < end * Blocks.BYTES; at++) {
            for (int mask : ALL_MASKS ? MASKS : new int[] {MASKS[at % MASKS.length]}) {
                byte[] damaged = whole.clone();
                damaged[at] ^= (byte) mask;
                long block = at / Blocks.BYTES * (long) Blocks.BYTES;
                harmless += tellsTheTruth(damaged, "byte " + at + " ^ " + mask, block) ? 1 : 0;
            }
        }
        // Some blocks hold nothing but what stands in another place, too.
        assertThat(harmless).isGreaterThan(0).isLessThan(end * Blocks.BYTES);
    }

    @Test
    void flippedByteBehindTheLogChangesNothing() throws IOException {
        for (int at = (end + 1) * Blocks.BYTES; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x10;
            assertOpensWith(disk.copy().put(FIRST, damaged), replica);
        }
        // Right behind the log it could have been a batch of one block, so nobody may guess.
        for (int at = end * Blocks.BYTES; at < (end + 1) * Blocks.BYTES; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x10;
            assertBeginsAnew(damaged, "byte " + at, (long) end * Blocks.BYTES);
        }
    }

    @Test
    void everyTornTailIsCutAndTheRestKept() throws IOException {
        int blocks = end - lastBatch;
        for (int written = 0; written < (1 << blocks) - 1; written++) {
            byte[] torn = before.clone();
            for (int i = 0; i < blocks; i++) {
                if ((written & 1 << i) != 0) {
                    copyBlock(whole, lastBatch + i, torn, lastBatch + i);
                }
            }
            CrashDisk after = disk.copy().put(FIRST, torn);
            assertOpensWith(after, replicaBefore);
            assertThat(after.bytes(FIRST)).as("the rest is wiped").isEqualTo(before);
        }
    }

    @Test
    void lastBatchOfWhichAllWasWrittenIsNotCutHoweverDamaged() throws IOException {
        for (int damaged = 1; damaged < 1 << end - lastBatch; damaged++) {
            byte[] bytes = whole.clone();
            for (int i = 0; i < end - lastBatch; i++) {
                if ((damaged & 1 << i) != 0) {
                    bytes[(lastBatch + i) * Blocks.BYTES + 100] ^= 4;
                }
            }
            int first = lastBatch + Integer.numberOfTrailingZeros(damaged);
            boolean unusedWhole =
                    tellsTheTruth(
                            bytes,
                            "blocks " + Integer.toBinaryString(damaged),
                            (long) first * Blocks.BYTES);
        }
    }

    @Test
    void blockLostBeforeTheLastBatchIsFound() throws IOException {
        for (int block = 0; block < lastBatch; block++) {
            byte[] bytes = whole.clone();
            Arrays.fill(bytes, block * Blocks.BYTES, (block + 1) * Blocks.BYTES, (byte) 0);
            boolean unusedWhole =
                    tellsTheTruth(bytes, "block " + block, (long) block * Blocks.BYTES);
        }
    }

    @Test
    void blockWrittenToTheWrongPlaceIsFound() throws IOException {
        for (int from = 0; from < end; from++) {
            for (int to = 0; to < end; to++) {
                if (from != to) {
                    byte[] bytes = whole.clone();
                    copyBlock(whole, from, bytes, to);
                    boolean unusedWhole =
                            tellsTheTruth(bytes, from + " over " + to, (long) to * Blocks.BYTES);
                }
            }
        }
    }

    @Test
    void blockOfAnEarlierGenerationIsBlank() throws IOException {
        // What a recycled segment will hold behind its new end: whole blocks of another generation.
        CrashDisk other = new CrashDisk();
        LogStore store = Samples.open(other, 6);
        store.replica(GROUP);
        store.append(term(GROUP, 9));
        store.append(entries(GROUP, entry(9, 1, 7000)));
        store.sync();
        store.close();
        byte[] bytes = whole.clone();
        for (int block = end; block < bytes.length / Blocks.BYTES; block++) {
            copyBlock(other.bytes(FIRST), block, bytes, block);
        }
        assertOpensWith(disk.copy().put(FIRST, bytes), replica);
    }

    @Test
    void damageInASegmentBeforeTheLastCostsNothingButEntries() throws IOException {
        LogStore store = Samples.open(disk, 7);
        store.append(entries(GROUP, entry(3, 5, 9000), entry(3, 6, 9000)));
        store.sync();
        RecoveredReplica whole7 = store.replica(GROUP);
        store.close();
        byte[] bytes = disk.bytes(FIRST);
        for (int block = 0; block < bytes.length / Blocks.BYTES; block += 3) {
            byte[] damaged = bytes.clone();
            damaged[block * Blocks.BYTES + 17] ^= 1;
            CrashDisk copy = disk.copy().put(FIRST, damaged);
            try (LogStore opened = Samples.open(copy, 1)) {
                RecoveredReplica found = opened.replica(GROUP);
                // The next segment's checkpoint tells all but the entries themselves.
                assertThat(found.beganAnew()).as("block %d", block).isNull();
                assertThat(found.hardState()).isEqualTo(whole7.hardState());
                assertThat(found.terms()).isEqualTo(whole7.terms());
                assertThat(found.lastIndex()).isEqualTo(whole7.lastIndex());
            }
        }
    }

    @Test
    void entryThatRotsWhileTheStoreIsOpenIsNotHandedOut() throws IOException {
        LogStore store = Samples.open(disk, 7);
        long at = Blocks.fileOffset((long) lastBatch * Blocks.DATA_BYTES + 1000);
        Disk.File file = disk.open(FIRST);
        ByteBuffer one = ByteBuffer.allocate(1);
        file.read(one, at);
        file.write(one.put(0, (byte) ~one.get(0)).clear(), at);
        assertThat(store.read(GROUP, 2, 1)).hasSize(1);
        assertThatThrownBy(() -> store.read(GROUP, 3, 1))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("LOG_CORRUPT")
                .hasMessageContaining(FIRST);
        store.append(entries(GROUP, entry(3, 5, 10)));
        store.sync();
    }

    /**
     * Opens and knows all that it knew; or knows which entries it lost, and has them again once
     * they are copied; or says that it can't know what it lost.
     *
     * @return whether nothing was lost
     */
    private boolean tellsTheTruth(byte[] damaged, String as, long offset) throws IOException {
        CrashDisk copy = disk.copy().put(FIRST, damaged);
        RecoveredReplica found;
        try (LogStore store = Samples.open(copy, 1)) {
            found = store.replica(GROUP);
            if (found.equals(replica)) {
                assertThat(log(store, GROUP)).as(as).hasSize((int) replica.lastIndex());
                return true;
            }
            if (found.beganAnew() == null) {
                assertIsRepaired(store, found, as, offset);
            }
        }
        if (found.beganAnew() != null) {
            assertBeginsAnew(damaged, as, offset);
        } else {
            try (LogStore again = Samples.open(copy, 2)) {
                assertThat(again.replica(GROUP)).as("%s, repaired", as).isEqualTo(replica);
                assertThat(log(again, GROUP)).as(as).isEqualTo(entries);
            }
        }
        return false;
    }

    private void assertIsRepaired(LogStore store, RecoveredReplica found, String as, long offset)
            throws IOException {
        assertThat(found.damaged()).as(as).isNotEmpty();
        assertThat(found.damage()).as(as).isNotNull();
        assertThat(found.damage().message()).as(as).contains(FIRST + " at offset " + offset);
        assertThat(found.id()).as(as).isEqualTo(replica.id());
        assertThat(found.hardState()).as(as).isEqualTo(replica.hardState());
        assertThat(found.terms()).as(as).isEqualTo(replica.terms());
        assertThat(found.lastIndex()).as(as).isEqualTo(replica.lastIndex());
        List<Entry> copies = new ArrayList<>();
        for (LogPosition lost : found.damaged()) {
            assertThatThrownBy(() -> store.read(GROUP, lost.index(), 1))
                    .as(as)
                    .hasMessageContaining("LOG_CORRUPT");
            Entry original = entries.get((int) lost.index() - 1);
            assertThat(store.isCopy(GROUP, original)).as(as).isTrue();
            assertThat(store.isCopy(GROUP, withOtherPayload(original))).as(as).isFalse();
            copies.add(original);
        }
        store.append(new ReplicaWrite(GROUP, null, null, 0, null, copies, List.of()));
        store.sync();
        assertThat(log(store, GROUP)).as(as).isEqualTo(entries);
    }

    private static Entry withOtherPayload(Entry entry) {
        return new Entry(
                entry.term(),
                entry.index(),
                entry.kind(),
                entry.timestampMillis(),
                Payload.of("another"));
    }

    private void assertBeginsAnew(byte[] damaged, String as, long offset) throws IOException {
        CrashDisk copy = disk.copy().put(FIRST, damaged);
        RecoveredReplica found;
        try (LogStore store = Samples.open(copy, 1)) {
            found = store.replica(GROUP);
            assertThat(found.beganAnew()).as(as).isNotNull();
            assertThat(found.beganAnew().code()).as(as).isEqualTo(Fault.Code.LOG_CORRUPT);
            assertThat(found.beganAnew().message())
                    .as(as)
                    .contains(FIRST + " at offset " + offset)
                    .contains("'" + GROUP + "'");
            assertThat(found.id().incarnation()).isNotEqualTo(replica.id().incarnation());
            assertThat(found.hardState()).as(as).isEqualTo(HardState.INITIAL);
            assertThat(found.lastIndex()).as(as).isZero();
        }
        assertThat(Arrays.mismatch(copy.bytes(FIRST), damaged)).as("the evidence").isEqualTo(-1);
        try (LogStore again = Samples.open(copy.afterCrash(CrashDisk.Survival.nothing()), 2)) {
            assertThat(again.replica(GROUP)).as("%s, opened again", as).isEqualTo(found);
        }
    }

    private static void assertOpensWith(CrashDisk disk, RecoveredReplica expected)
            throws IOException {
        LogStore store = Samples.open(disk, 1);
        assertThat(store.replica(GROUP)).isEqualTo(expected);
        List<Entry> log = log(store, GROUP);
        assertThat(log).hasSize((int) expected.lastIndex());
        store.close();
    }

    private boolean isZero(int block) {
        return Arrays.equals(
                whole,
                block * Blocks.BYTES,
                (block + 1) * Blocks.BYTES,
                new byte[Blocks.BYTES],
                0,
                Blocks.BYTES);
    }

    private static void copyBlock(byte[] from, int block, byte[] to, int toBlock) {
        System.arraycopy(from, block * Blocks.BYTES, to, toBlock * Blocks.BYTES, Blocks.BYTES);
    }
}
