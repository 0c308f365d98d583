package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.entries;
import static dev.lockstep.raft.storage.Samples.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A group that has gone quiet keeps no old segments, and the log keeps to its bound. */
class CleaningTest {
    private static final GroupId QUIET = GroupId.of("quiet");
    private static final GroupId BUSY = GroupId.of("busy");
    private static final Entry CONFIGURATION =
            new Entry(1, 1, EntryKind.CONFIGURATION, 1, Payload.of("members"));

    private final CrashDisk disk = new CrashDisk();

    private LogStore open(long seed, int segments) throws IOException {
        return open(disk, seed, segments);
    }

    private static LogStore open(Disk disk, long seed, int segments) throws IOException {
        LogStore store =
                FileStorage.on(disk, new Random(seed))
                        .withSegmentBytes(Samples.SMALL_SEGMENT)
                        .withLogBytes((long) segments * Samples.SMALL_SEGMENT)
                        .open(Samples.CLUSTER, Samples.NODE);
        for (GroupId group : List.of(QUIET, BUSY)) {
            if (store.replica(group).hardState().term() == 0) {
                store.append(new ReplicaWrite(group, null, new HardState(1, null), 0, List.of()));
            }
        }
        return store;
    }

    private static void append(LogStore store, GroupId group, int count, int bytes)
            throws IOException {
        for (int i = 0; i < count; i++) {
            long next = store.replica(group).lastIndex() + 1;
            store.append(entries(group, entry(1, next, bytes)));
            store.sync();
        }
    }

    private static void compact(LogStore store, GroupId group) throws IOException {
        LogPosition last = new LogPosition(1, store.replica(group).lastIndex());
        Samples.snapshot(store, group, last);
        store.append(new ReplicaWrite(group, null, null, 0, last, List.of()));
        store.sync();
    }

    private List<String> segments() {
        return disk.list().stream().filter(Segment::isName).toList();
    }

    private static List<Entry> quiet(int count, int bytes) {
        List<Entry> expected = new ArrayList<>(List.of(CONFIGURATION));
        for (int index = 2; index <= count; index++) {
            expected.add(entry(1, index, bytes));
        }
        return expected;
    }

    /** What is written forward is dropped, too, before the disk has room for it. */
    @Test
    void aCopyThatIsDurableLateMovesNothingThatIsNotThereAnyMore() throws IOException {
        LogStore store = open(1, 100);
        store.append(entries(QUIET, CONFIGURATION));
        append(store, QUIET, 2, 400);
        LogPosition end = new LogPosition(1, 3);
        Samples.snapshot(store, QUIET, end);
        boolean isPending = false;
        while (!isPending) {
            append(store, BUSY, 20, 900);
            compact(store, BUSY);
            disk.room(CrashDisk.Room.NONE);
            try {
                store.sync();
            } catch (DiskFullException e) {
                isPending = true; // a copy is on its way
            }
            disk.room(CrashDisk.Room.ENOUGH);
        }
        store.append(new ReplicaWrite(QUIET, null, null, 0, end, List.of()));
        store.sync();
        append(store, QUIET, 1, 10);
        append(store, BUSY, 1, 10);
        store.close();
        LogStore again = open(2, 100);
        assertThat(again.read(QUIET, 4, 1000)).containsExactly(entry(1, 4, 10));
    }

    @Test
    void aQuietGroupsFewEntriesMoveForwardWithTheLog() throws IOException {
        LogStore store = open(1, 100);
        store.append(entries(QUIET, CONFIGURATION));
        append(store, QUIET, 2, 400);
        for (int round = 0; round < 30; round++) {
            append(store, BUSY, 20, 900);
            compact(store, BUSY);
            assertThat(segments()).as("round %d", round).hasSizeLessThanOrEqualTo(5);
            assertThat(Samples.log(store, QUIET)).isEqualTo(quiet(3, 400));
            if (round % 7 == 0) {
                store.close();
                store = open(100 + round, 100);
                assertThat(store.replica(QUIET).configurations()).containsExactly(CONFIGURATION);
            }
        }
        assertThat(segments()).doesNotContain(Segment.name(20));
        store.close();
    }

    @Test
    void entriesThatMovedAreCutAndCompactedAsOthersAre() throws IOException {
        LogStore store = open(1, 100);
        store.append(entries(QUIET, CONFIGURATION));
        append(store, QUIET, 4, 200);
        append(store, BUSY, 40, 900);
        compact(store, BUSY);
        append(store, BUSY, 40, 900);
        assertThat(segments()).doesNotContain(Segment.name(1));
        store.append(Samples.term(QUIET, 2));
        store.append(Samples.truncation(QUIET, 4, entry(2, 4, 100)));
        store.sync();
        Samples.snapshot(store, QUIET, new LogPosition(1, 2));
        store.append(new ReplicaWrite(QUIET, null, null, 0, new LogPosition(1, 2), List.of()));
        store.sync();
        for (int i = 0; i < 2; i++) {
            assertThat(store.read(QUIET, 3, 10_000))
                    .containsExactly(entry(1, 3, 200), entry(2, 4, 100));
            append(store, BUSY, 60, 900);
            compact(store, BUSY);
            store.close();
            store = open(2 + i, 100);
        }
        store.close();
    }

    /** Who is in use drops its entries before long, and then the copy was for nothing. */
    @Test
    void inASmallLogOnlyWhatIsNextToNothingBesideTheSegmentsItKeepsIsCopied() throws IOException {
        LogStore store = open(1, 100);
        append(store, QUIET, 3, 900);
        append(store, BUSY, 40, 900);
        compact(store, BUSY);
        append(store, BUSY, 5, 900);
        assertThat(segments()).as("a twelfth").contains(Segment.name(1));
        append(store, BUSY, 80, 900);
        compact(store, BUSY);
        append(store, BUSY, 5, 900);
        assertThat(segments()).as("less than a part of 32").doesNotContain(Segment.name(1));
        store.close();
    }

    @Test
    void manyEntriesAreCopiedOnlyWhereTheLogComesNearItsBound() throws IOException {
        LogStore store = open(1, 14);
        store.append(entries(QUIET, CONFIGURATION));
        append(store, QUIET, 20, 1500);
        append(store, BUSY, 15, 900);
        compact(store, BUSY);
        assertThat(segments()).as("half of it would have to be copied").contains(Segment.name(1));
        append(store, BUSY, 70, 900);
        compact(store, BUSY);
        append(store, BUSY, 10, 900);
        assertThat(segments()).as("beyond half of the bound").doesNotContain(Segment.name(1));
        assertThat(Samples.log(store, QUIET)).isEqualTo(quiet(21, 1500));
        store.close();
        try (LogStore again = open(2, 14)) {
            assertThat(Samples.log(again, QUIET)).isEqualTo(quiet(21, 1500));
        }
    }

    @Test
    void aReadThatBeganBeforeTheyMovedFindsThemWhereTheyAre() throws IOException {
        LogStore store = open(1, 100);
        store.append(entries(QUIET, CONFIGURATION));
        append(store, BUSY, 40, 900);
        append(store, QUIET, 1, 200);
        append(store, BUSY, 40, 900);
        List<String> before = segments();
        disk.duringNextRead(
                () -> {
                    compact(store, BUSY);
                    append(store, BUSY, 40, 900);
                    compact(store, BUSY);
                    append(store, BUSY, 40, 900);
                });
        assertThat(store.read(QUIET, 1, 10_000)).isEqualTo(quiet(2, 200));
        assertThat(segments()).doesNotContainAnyElementsOf(before.subList(0, 4));
        store.close();
    }

    @Test
    void anEntryThatRottedKeepsItsSegmentAndNothingElse() throws IOException {
        LogStore store = open(1, 100);
        store.append(entries(QUIET, CONFIGURATION));
        append(store, QUIET, 1, 400);
        store.close();
        try (LogStore rotten = open(2, 100)) {
            disk.flip(Segment.name(1), indexOf(disk.bytes(Segment.name(1)), entry(1, 2, 400)));
            append(rotten, BUSY, 60, 900);
            compact(rotten, BUSY);
            append(rotten, BUSY, 60, 900);
            assertThat(segments()).contains(Segment.name(1));
            assertThat(rotten.read(QUIET, 1, 1)).containsExactly(CONFIGURATION);
            assertThatThrownBy(() -> rotten.read(QUIET, 2, 1)).hasMessageContaining("LOG_CORRUPT");
        }
    }

    private record Unread(Disk disk, String name, AtomicBoolean fails) implements DelegatingDisk {
        @Override
        public Disk.File open(String opened) throws IOException {
            Disk.File file = disk.open(opened);
            return opened.equals(name) ? new UnreadFile(file, fails) : file;
        }
    }

    private record UnreadFile(Disk.File file, AtomicBoolean fails) implements DelegatingDisk.File {
        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            if (fails.get()) {
                throw new IOException("Input/output error");
            }
            return file.read(target, position);
        }
    }

    @Test
    void anEntryThatTheDiskDoesNotReadKeepsItsSegmentAndNothingElse() throws IOException {
        LogStore store = open(1, 100);
        store.append(entries(QUIET, CONFIGURATION));
        append(store, QUIET, 1, 400);
        store.close();
        AtomicBoolean fails = new AtomicBoolean();
        try (LogStore unread = open(new Unread(disk, Segment.name(1), fails), 2, 100)) {
            fails.set(true);
            append(unread, BUSY, 60, 900);
            compact(unread, BUSY);
            append(unread, BUSY, 60, 900);
            assertThat(segments()).contains(Segment.name(1));
            fails.set(false);
            assertThat(unread.read(QUIET, 1, 10_000)).isEqualTo(quiet(2, 400));
        }
    }

    private static int indexOf(byte[] bytes, Entry entry) {
        byte[] payload = entry.payload().toByteArray();
        for (int at = 0; ; at++) {
            if (bytes[at] == payload[0]
                    && bytes[at + 1] == payload[1]
                    && bytes[at + 2] == payload[2]
                    && bytes[at + 3] == payload[3]) {
                return at;
            }
        }
    }

    @Test
    void whoFillsTheLogIsAskedToTakeASnapshotAndThenItIsFull() throws IOException {
        LogStore store = open(1, 14);
        List<GroupId> asked = new ArrayList<>();
        while (!store.isFull()) {
            append(store, BUSY, 1, 900);
            asked.addAll(store.crowding());
            assertThat(segments()).hasSizeLessThanOrEqualTo(14);
        }
        assertThat(asked).containsOnly(BUSY).hasSizeBetween(2, 4);
        assertThat(segments()).hasSizeGreaterThan(11);
        compact(store, BUSY);
        append(store, BUSY, 1, 900);
        assertThat(store.isFull()).isFalse();
        assertThat(store.crowding()).isEmpty();
        assertThat(disk.list().stream().filter(name -> name.startsWith("wal")).count())
                .isLessThanOrEqualTo(14);
        store.close();
    }

    private static long lastOf(List<String> segments) {
        return Segment.sequenceOf(segments.get(segments.size() - 1));
    }

    /**
     * Acknowledgements of all groups wait for each sync, and the log must not outgrow its bound.
     */
    @Test
    void aFullLogIsFreedInStepsEachOfWhichIsDurableBeforeTheNext() throws IOException {
        LogStore store = open(1, 40);
        Entry[] entries = new Entry[400];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = entry(1, i + 1, 500);
        }
        store.append(entries(QUIET, entries));
        while (!store.isFull()) {
            append(store, BUSY, 1, 900);
        }
        assertThat(store.isFreeing()).as("nothing can be freed").isFalse();
        Samples.snapshot(store, BUSY, new LogPosition(1, store.replica(BUSY).lastIndex()));
        int most = segments().size();
        LogPosition last = new LogPosition(1, store.replica(BUSY).lastIndex());
        store.append(new ReplicaWrite(BUSY, null, null, 0, last, List.of()));
        store.sync();
        int syncs = 0;
        for (; store.isFreeing(); syncs++) {
            long before = lastOf(segments());
            store.sync();
            assertThat(lastOf(segments()) - before).as("segments in one sync").isLessThan(3);
            assertThat(segments()).hasSizeLessThan(most + 3);
        }
        assertThat(syncs).isGreaterThan(5);
        assertThat(store.isFull()).isFalse();
        for (int i = 0; i < 100 && segments().contains(Segment.name(5)); i++) {
            append(store, BUSY, 1, 900);
        }
        assertThat(segments()).doesNotContain(Segment.name(5));
        assertThat(Samples.log(store, QUIET)).containsExactly(entries);
        store.close();
        try (LogStore again = open(2, 40)) {
            assertThat(Samples.log(again, QUIET)).containsExactly(entries);
        }
    }

    /** Each of them may have to be read by itself. */
    @Test
    void noStepCopiesMoreThanSomeEntriesHoweverSmallTheyAre() throws IOException {
        LogStore store =
                FileStorage.on(disk, new Random(1))
                        .withSegmentBytes(1 << 20)
                        .open(Samples.CLUSTER, Samples.NODE);
        for (GroupId group : List.of(QUIET, BUSY)) {
            store.replica(group);
            store.append(Samples.term(group, 1));
        }
        Entry[] entries = new Entry[5000];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = entry(1, i + 1, 0);
        }
        store.append(entries(QUIET, entries));
        store.sync();
        append(store, BUSY, 90, 100_000);
        compact(store, BUSY);
        assertThat(segments()).contains(Segment.name(1));
        int syncs = 0;
        for (; segments().contains(Segment.name(1)); syncs++) {
            store.sync();
            assertThat(syncs).isLessThan(20);
        }
        assertThat(syncs).isGreaterThan(4);
        assertThat(Samples.log(store, QUIET)).containsExactly(entries);
        store.close();
    }

    @Test
    void aBoundOfFewerThanFourSegmentsIsRefused() {
        assertThatThrownBy(() -> open(1, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("room for 4 segments of 16384 bytes: 49152");
    }
}
