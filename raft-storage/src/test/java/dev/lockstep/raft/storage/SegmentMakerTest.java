package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.DiskFullException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Segments are made ahead, whole, and without taking room that isn't there. */
class SegmentMakerTest {
    private static final int BLOCKS = 40;
    private static final int MEGABYTE_BLOCKS = (1 << 20) / Blocks.BYTES;

    private final CrashDisk disk = new CrashDisk();
    private final OpenFilesDisk opened = new OpenFilesDisk(disk);
    private final SegmentMaker maker = new SegmentMaker(opened, new UUID(1, 2));
    private final Spares spares = new Spares(opened, BLOCKS);
    private final Deque<Runnable> work = new ArrayDeque<>();
    private final SegmentSupply supply =
            new SegmentSupply(maker, spares, BLOCKS, new Random(1), work::add);

    /** Tells how much room it has. */
    private record Sized(CrashDisk disk, long usableBytes) implements DelegatingDisk {}

    private void work() {
        while (!work.isEmpty()) {
            work.remove().run();
        }
    }

    @Test
    void aSegmentIsItsHeaderAndZerosOfJustItsSizeAndDurableInPortions() throws IOException {
        int blocks = 8 * MEGABYTE_BLOCKS + MEGABYTE_BLOCKS / 2 + 1;
        Segment made = maker.make(7, 99, blocks, null);
        byte[] bytes = disk.afterCrash(CrashDisk.Survival.nothing()).bytes(Segment.name(7));
        assertThat(bytes).hasSize(blocks * Blocks.BYTES);
        byte[] rest = Arrays.copyOfRange(bytes, Blocks.BYTES, bytes.length);
        assertThat(Arrays.equals(rest, new byte[rest.length])).as("zeros").isTrue();
        assertThat(made.generation()).isEqualTo(99);
        assertThat(disk.syncs()).as("one for each 4 MiB, and the end").isEqualTo(3);
        made.file().close();
        assertThat(opened.openFiles()).isEmpty();
    }

    @Test
    void aSegmentThatDoesNotFitIsRefusedBeforeAnythingIsWritten() throws IOException {
        long bytes = (long) BLOCKS * Blocks.BYTES;
        SegmentMaker tight = new SegmentMaker(new Sized(disk, bytes - 1), new UUID(1, 2));
        assertThatThrownBy(() -> tight.make(1, 9, BLOCKS, null))
                .isInstanceOf(DiskFullException.class)
                .hasMessageContaining("takes " + bytes + " bytes, and the disk has " + (bytes - 1));
        assertThat(disk.operations()).isZero();
        assertThat(tight.hasRoomFor(BLOCKS)).isFalse();
        SegmentMaker exact = new SegmentMaker(new Sized(disk, bytes), new UUID(1, 2));
        assertThat(exact.hasRoomFor(BLOCKS)).isTrue();
        assertThat(exact.make(1, 9, BLOCKS, null).blocks()).isEqualTo(BLOCKS);
        disk.put(Spares.name(5), new byte[(int) bytes]);
        assertThat(tight.make(2, 9, BLOCKS, Spares.name(5)).blocks())
                .as("a spare file has its room")
                .isEqualTo(BLOCKS);
    }

    @Test
    void whatCouldNotBeDeletedOfAnUnfinishedOneIsDeletedBeforeTheNextIsMade() throws IOException {
        DiskFullException undeletable = new DiskFullException("no room to delete");
        opened.refuse(OpenFilesDisk.Change.WRITE, new DiskFullException("no room to write"));
        opened.refuse(OpenFilesDisk.Change.DELETE, undeletable);
        assertThatThrownBy(() -> maker.make(1, 9, BLOCKS, null))
                .hasMessage("no room to write")
                .hasSuppressedException(undeletable);
        assertThat(disk.list()).containsExactly(SegmentMaker.ASIDE);
        opened.refused().clear();
        assertThat(maker.make(1, 9, BLOCKS, null).blocks()).isEqualTo(BLOCKS);
        assertThat(disk.list()).containsExactly(Segment.name(1));
        assertThat(maker.make(2, 9, BLOCKS, null).blocks()).as("once").isEqualTo(BLOCKS);
    }

    @Test
    void theNextSegmentIsThereFromTheMomentWhenItIsAskedFor() throws IOException {
        assertThat(supply.hasNext()).isFalse();
        supply.awaitNext(); // nobody has asked for one
        supply.prepare(1);
        assertThat(supply.hasNext()).isTrue();
        supply.prepare(2); // as long as it isn't taken
        work();
        Segment first = supply.take(1, BLOCKS);
        assertThat(first.sequence()).isEqualTo(1);
        assertThat(supply.hasNext()).isFalse();
        assertThat(opened.openFiles()).containsExactly(Segment.name(1));
    }

    @Test
    void oneThatIsTooSmallIsReplacedAndClosed() throws IOException {
        supply.prepare(1);
        work();
        Segment larger = supply.take(1, BLOCKS + 1);
        assertThat(larger.blocks()).isEqualTo(BLOCKS + 1);
        assertThat(supply.hasNext()).isFalse();
        assertThat(opened.openFiles()).as("the larger one").containsExactly(Segment.name(1));
        assertThat(disk.bytes(Segment.name(1))).hasSize((BLOCKS + 1) * Blocks.BYTES);
    }

    private Segment taken(long sequence) throws IOException {
        supply.prepare(sequence);
        work();
        return supply.take(sequence, BLOCKS);
    }

    @Test
    void aSpareFileIsMadeTheNextOrdinarySegmentAndNeverALargerOne() throws IOException {
        Segment first = taken(1);
        first.file().close();
        supply.free(first, true);
        assertThat(supply.spares()).isEqualTo(1);
        assertThat(supply.take(2, BLOCKS + 1).blocks()).isEqualTo(BLOCKS + 1);
        assertThat(supply.spares()).isEqualTo(1);
        assertThat(supply.take(3, BLOCKS).blocks()).isEqualTo(BLOCKS);
        assertThat(supply.spares()).isZero();
        assertThat(disk.list()).containsExactly(Segment.name(2), Segment.name(3));
    }

    @Test
    void aSpareFileForWhichThereWasNoRoomInTheDirectoryIsTriedAgain() throws IOException {
        Segment first = taken(1);
        supply.free(first, true);
        opened.refuse(OpenFilesDisk.Change.RENAME, new DiskFullException("no room to rename"));
        assertThatThrownBy(() -> supply.take(2, BLOCKS)).hasMessage("no room to rename");
        assertThat(supply.full()).hasMessage("no room to rename");
        assertThat(supply.spares()).as("given back").isEqualTo(1);

        supply.prepare(2);
        work();
        assertThat(supply.full()).isNotNull();
        supply.look();
        assertThat(supply.hasNext()).as("tried again").isTrue();
        work();
        assertThat(supply.full()).as("in vain").isNotNull();
        opened.refused().clear();
        supply.look();
        assertThat(supply.full()).as("not known to be there yet").isNotNull();
        work();
        supply.look();
        assertThat(supply.full()).isNull();
        assertThat(supply.take(2, BLOCKS).sequence()).isEqualTo(2);
        assertThat(disk.list()).as("of the spare file").containsExactly(Segment.name(2));
    }

    @Test
    void aLargerSegmentIsOnlyTriedAgainWhereItSeemsToFit() throws IOException {
        List<Long> usable = new ArrayList<>(List.of((BLOCKS + 5L) * Blocks.BYTES));
        record Changing(CrashDisk disk, List<Long> usable) implements DelegatingDisk {
            @Override
            public long usableBytes() {
                return usable.get(0);
            }
        }
        SegmentMaker tight = new SegmentMaker(new Changing(disk, usable), new UUID(1, 2));
        SegmentSupply tightSupply =
                new SegmentSupply(tight, spares, BLOCKS, new Random(1), Runnable::run);
        tightSupply.prepare(1);
        assertThatThrownBy(() -> tightSupply.take(1, BLOCKS + 6))
                .isInstanceOf(DiskFullException.class);
        tightSupply.look();
        assertThat(tightSupply.full()).as("the ordinary one that is there won't do").isNotNull();
        usable.set(0, (BLOCKS + 6L) * Blocks.BYTES);
        tightSupply.look();
        assertThat(tightSupply.full()).isNull();
        assertThat(tightSupply.take(1, BLOCKS + 6).blocks()).isEqualTo(BLOCKS + 6);
    }

    @Test
    void anOrdinarySegmentIsTriedAgainWithoutAskingForTheRoomOfALargerOne() throws IOException {
        SegmentMaker tight = new SegmentMaker(new Sized(disk, 0), new UUID(1, 2));
        SegmentSupply tightSupply =
                new SegmentSupply(tight, spares, BLOCKS, new Random(1), Runnable::run);
        assertThatThrownBy(() -> tightSupply.take(1, BLOCKS)).isInstanceOf(DiskFullException.class);
        assertThat(tightSupply.full()).isNotNull();
        tightSupply.look();
        assertThat(tightSupply.full()).as("it is made when it is asked for").isNull();
    }

    @Test
    void closingWaitsForWhatIsBeingMadeAndClosesIt() throws IOException {
        supply.prepare(1);
        work();
        assertThat(opened.openFiles()).containsExactly(Segment.name(1));
        supply.close();
        assertThat(opened.openFiles()).isEmpty();
        supply.close();
    }
}
