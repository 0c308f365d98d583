package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entries;
import static dev.lockstep.raft.storage.Samples.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The files of segments that aren't needed any more become segments again. */
class RecyclingTest {
    private static final long TERM = 1;

    private final CrashDisk disk = new CrashDisk();

    private static LogStore open(CrashDisk disk, long seed) throws IOException {
        LogStore store = Samples.open(disk, seed);
        if (store.replica(GROUP).hardState().term() == 0) {
            store.append(new ReplicaWrite(GROUP, null, new HardState(TERM, null), 0, List.of()));
        }
        return store;
    }

    private static void append(LogStore store, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            store.append(entries(GROUP, entry(TERM, store.replica(GROUP).lastIndex() + 1, 700)));
            store.sync();
        }
    }

    /** Drops the whole log, so that all segments before the present one are freed. */
    private static void compact(LogStore store) throws IOException {
        LogPosition last = new LogPosition(TERM, store.replica(GROUP).lastIndex());
        Samples.snapshot(store, GROUP, last);
        store.append(new ReplicaWrite(GROUP, null, null, 0, last, List.of()));
        store.sync();
    }

    private static List<String> spares(CrashDisk disk) {
        return disk.list().stream().filter(name -> name.endsWith(".spare")).toList();
    }

    /** How many blocks of segments were written in an earlier use of the file. */
    static int oldBlocks(CrashDisk disk) {
        int old = 0;
        for (String name : disk.list()) {
            if (Segment.isName(name)) {
                Blocks blocks = new Blocks(ByteBuffer.wrap(disk.bytes(name)));
                for (int i = 1; i < blocks.count(); i++) {
                    long generation = blocks.generation(i);
                    old += generation != 0 && generation != blocks.generation(0) ? 1 : 0;
                }
            }
        }
        return old;
    }

    @Test
    void whatAFileHeldInAnEarlierUseIsNeverFoundAgain() throws IOException {
        int recycled = 0;
        for (int seed = 1; seed <= 50; seed++) {
            Random random = new Random(seed);
            LogStore store = open(disk, seed);
            long base = store.replica(GROUP).base().index();
            long last = store.replica(GROUP).lastIndex();
            for (long index = base + 1; index <= last; index++) {
                Entry found = store.read(GROUP, index, 1).get(0);
                assertThat(found).isEqualTo(entry(TERM, index, 700));
            }
            for (int round = random.nextInt(4); round >= 0; round--) {
                append(store, random.nextInt(60));
                compact(store);
                // All batches are alike, so the old ones stand just where the next would be.
                append(store, random.nextInt(20));
            }
            long lastWritten = store.replica(GROUP).lastIndex();
            store.close();
            recycled += oldBlocks(disk);
            try (LogStore again = Samples.open(disk, 1_000 + seed)) {
                assertThat(again.replica(GROUP).lastIndex()).isEqualTo(lastWritten);
            }
        }
        assertThat(recycled).isGreaterThan(1_000);
    }

    @Test
    void aDamagedHeaderOfASegmentThatIsNotUsedYetCostsNothingAndOneOfAUsedOneWhatItHeld()
            throws IOException {
        int unused = 0;
        int empty = 0;
        for (int seed = 1; seed <= 30; seed++) {
            Random random = new Random(seed);
            LogStore store = open(disk, seed);
            append(store, random.nextInt(60));
            compact(store);
            append(store, random.nextInt(60));
            RecoveredReplica whole = store.replica(GROUP);
            store.close();
            List<String> segments = disk.list().stream().filter(Segment::isName).toList();
            for (int i = 0; i < segments.size(); i++) {
                String name = segments.get(i);
                boolean isUsed = isUsed(disk.bytes(name));
                boolean isLast =
                        i + 1 == segments.size() || !isUsed(disk.bytes(segments.get(i + 1)));
                CrashDisk damaged = disk.copy();
                damaged.flip(name, 3);
                try (LogStore opened = Samples.open(damaged, 99)) {
                    RecoveredReplica found = opened.replica(GROUP);
                    String what = "seed " + seed + ", " + name;
                    if (!isUsed) {
                        assertThat(found).as(what).isEqualTo(whole);
                        append(opened, 60); // and goes on there
                        unused += oldBlocks(disk) > 0 ? 1 : 0;
                    } else if (isLast) {
                        assertThat(found.beganAnew()).as(what).isNotNull();
                    } else if (i == 0 && found.equals(whole)) {
                        // The log was dropped while this one was written, and all that came since
                        // stands in the next.
                        empty++;
                    } else {
                        assertThat(found.damaged()).as(what).isNotEmpty();
                    }
                }
                if (!isUsed) {
                    try (LogStore again = Samples.open(damaged, 100)) {
                        long last = again.replica(GROUP).lastIndex();
                        assertThat(last).isEqualTo(whole.lastIndex() + 60);
                    }
                }
            }
        }
        assertThat(unused).as("with what an earlier use left").isGreaterThan(20);
        assertThat(empty).as("first segments without an entry").isLessThan(5);
    }

    /**
     * Simulated seed 456: a disk put a block of 4 KiB, most of it zeros, over a segment's first.
     */
    @Test
    void whereHeaderAndFirstBatchAreOverwrittenNothingIsTakenForTorn() throws IOException {
        LogStore store = open(disk, 1);
        append(store, 20);
        store.close();
        String last = "";
        for (String name : disk.list().stream().filter(Segment::isName).sorted().toList()) {
            last = isUsed(disk.bytes(name)) ? name : last;
        }
        disk.flip(last, 3);
        try (Disk.File file = disk.open(last)) {
            file.write(ByteBuffer.allocate(7 * Blocks.BYTES), Blocks.BYTES);
            file.sync();
        }
        try (LogStore opened = Samples.open(disk, 99)) {
            assertThat(opened.replica(GROUP).beganAnew()).isNotNull();
        }
    }

    private static boolean isUsed(byte[] segment) {
        Blocks blocks = new Blocks(ByteBuffer.wrap(segment));
        return blocks.generation(1) == blocks.generation(0);
    }

    @Test
    void aBoundedNumberOfFilesIsKeptAndAllAreUsedBeforeANewOneIsMade() throws IOException {
        LogStore store = open(disk, 1);
        append(store, 200);
        compact(store);
        assertThat(spares(disk)).hasSize(Spares.MOST);
        int files = disk.list().size();
        append(store, 40);
        assertThat(spares(disk)).hasSizeLessThan(Spares.MOST);
        assertThat(disk.list()).as("no file was made").hasSize(files);
        compact(store);
        store.close();
        try (LogStore again = open(disk, 2)) {
            assertThat(spares(disk)).as("found again").isNotEmpty();
            append(again, 40);
            assertThat(disk.list()).hasSize(files);
        }
    }

    @Test
    void filesOfAnotherSizeAreNotKept() throws IOException {
        LogStore store = open(disk, 1);
        append(store, 30);
        long next = store.replica(GROUP).lastIndex() + 1;
        store.append(entries(GROUP, entry(TERM, next, 3 * Samples.SMALL_SEGMENT)));
        store.sync();
        append(store, 60);
        compact(store);
        assertThat(spares(disk))
                .isNotEmpty()
                .allMatch(name -> disk.bytes(name).length == Samples.SMALL_SEGMENT);
        store.close();
        disk.put(Spares.name(99), new byte[2 * Samples.SMALL_SEGMENT]);
        try (LogStore again = open(disk, 2)) {
            assertThat(again.replica(GROUP).lastIndex()).isPositive();
            assertThat(spares(disk)).doesNotContain(Spares.name(99));
        }
    }

    @Test
    void aFileThatIsBeingReadIsNotUsedForAnythingElse() throws IOException {
        LogStore store = open(disk, 1);
        append(store, 100);
        disk.duringNextRead(
                () -> {
                    compact(store);
                    append(store, 300);
                    compact(store);
                });
        assertThat(store.read(GROUP, 1, 1)).containsExactly(entry(TERM, 1, 700));
        assertThat(disk.list()).doesNotContain(Segment.name(1), Spares.name(1));
        store.close();
    }
}
