package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.LogPosition;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A log behind a base: every index is counted from there, and not from the log's beginning. */
class EntryIndexTest {
    private static final LogPosition BASE = new LogPosition(5, 10);
    private static final int BYTES = 100;
    private static final int NO_BOUND = Integer.MAX_VALUE;

    private final LiveBytes live = new LiveBytes();
    private final EntryIndex index = new EntryIndex(BASE, live);

    private void addStored(long term, long segment) {
        index.add(term, Place.of(segment, BYTES * (int) index.last().index()), BYTES);
    }

    private boolean addUnsynced(long term) {
        long next = index.last().index() + 1;
        return index.add(entry(term, next, 10), Place.of(9, BYTES * (int) next), BYTES);
    }

    @Test
    void theTermOfTheBaseIsKnownWithAndWithoutEntries() {
        assertThat(index.termAt(10)).isEqualTo(5);
        addStored(6, 1);
        assertThat(index.termAt(10)).isEqualTo(5);
        assertThat(index.termAt(11)).isEqualTo(6);
        assertThat(index.holds(BASE)).isTrue();
        assertThat(index.contains(5, 10)).as("the base is no kept entry").isFalse();
    }

    @Test
    void aCutDropsWhatIsBehindItInMemoryOnTheDiskAndOfTheTerms() {
        addStored(5, 1);
        addStored(6, 1);
        addUnsynced(6);
        addUnsynced(7);
        index.truncate(14);
        assertThat(index.last()).isEqualTo(new LogPosition(6, 13));
        assertThat(index.select(11, NO_BOUND).tail()).containsExactly(entry(6, 13, 10));
        index.truncate(12);
        assertThat(index.last()).isEqualTo(new LogPosition(5, 11));
        assertThat(index.terms()).containsExactly(new LogPosition(5, 11));
        assertThat(live.in(1)).isEqualTo(BYTES);
        assertThat(live.in(9)).isZero();
    }

    @Test
    void aBaseWithinTheLogKeepsWhatIsBehindItAndEachTermOnce() {
        addStored(5, 1);
        addStored(5, 2);
        addStored(6, 3);
        addStored(6, 3);
        index.moveBase(new LogPosition(5, 12));
        assertThat(index.base()).isEqualTo(new LogPosition(5, 12));
        assertThat(index.last()).isEqualTo(new LogPosition(6, 14));
        assertThat(index.terms()).containsExactly(new LogPosition(6, 13));
        assertThat(live.first(-1)).isEqualTo(3);
        index.moveBase(new LogPosition(6, 13));
        assertThat(index.terms()).containsExactly(new LogPosition(6, 14));
        assertThat(index.select(14, NO_BOUND).segment(0)).isEqualTo(3);
    }

    @Test
    void entriesThatABaseDropsAreNotAwaitedAnyMore() {
        addStored(5, 1);
        assertThat(addUnsynced(5)).as("the first that isn't synced").isTrue();
        assertThat(addUnsynced(5)).as("the second").isFalse();
        index.moveBase(new LogPosition(5, 13));
        assertThat(addUnsynced(5)).as("the first again").isTrue();
        index.synced();
        assertThat(addUnsynced(5)).as("the first behind a sync").isTrue();
        assertThat(index.select(14, NO_BOUND).stored()).isEqualTo(1);
        assertThat(index.select(14, NO_BOUND).tail()).containsExactly(entry(5, 15, 10));
    }

    @Test
    void aBaseBehindTheEndLeavesAnEmptyLogThatGoesOnThere() {
        addStored(5, 1);
        index.moveBase(new LogPosition(8, 40));
        assertThat(index.last()).isEqualTo(new LogPosition(8, 40));
        assertThat(index.terms()).isEmpty();
        assertThat(live.first(-1)).isEqualTo(-1);
    }

    @Test
    void entriesOfACheckpointAreLostUntilTheyAreFoundAgain() {
        EntryIndex told = told(BASE, 12);
        assertThat(told.isLost(11)).isTrue();
        told.relocate(12, Place.of(4, 0), BYTES);
        assertThat(told.isLost(11)).isTrue();
        assertThat(told.isLost(12)).isFalse();
        assertThat(told.lost()).containsExactly(new LogPosition(5, 11));
        assertThat(live.in(4)).isEqualTo(BYTES);
    }

    private EntryIndex told(LogPosition base, long last) {
        return new EntryIndex(
                base,
                List.of(new LogPosition(5, base.index() + 1)),
                new LogPosition(5, last),
                live);
    }

    @Test
    void placesAreTakenOverFromALogThatBeginsEarlier() {
        EntryIndex before = new EntryIndex(new LogPosition(5, 7), live);
        for (int i = 8; i <= 13; i++) {
            before.add(5, Place.of(2, i), BYTES);
        }
        EntryIndex told = told(BASE, 12);
        told.takePlaces(before);
        assertThat(told.lost()).isEmpty();
        assertThat(told.select(11, NO_BOUND).dataAt(0)).isEqualTo(11);
        assertThat(told.select(11, NO_BOUND).dataAt(1)).isEqualTo(12);
    }

    @Test
    void placesAreTakenOverFromALogThatBeginsLater() {
        EntryIndex before = new EntryIndex(new LogPosition(5, 11), live);
        before.add(5, Place.of(2, 12), BYTES);
        before.add(6, Place.of(2, 13), BYTES);
        EntryIndex told = told(BASE, 13);
        told.takePlaces(before);
        assertThat(told.lost())
                .as("one is the other's base, one is of another term there")
                .containsExactly(new LogPosition(5, 11), new LogPosition(5, 13));
    }

    @Test
    void oneThatIsGivenUpKeepsNothing() {
        addStored(6, 1);
        addUnsynced(6);
        index.giveUp();
        assertThat(live.first(-1)).isEqualTo(-1);
        assertThat(index.last()).isEqualTo(BASE);
        assertThat(index.terms()).isEmpty();
    }

    @Test
    void anEntryKeepsItsOwnSegmentAndNoneBefore() {
        addStored(5, 3);
        addStored(5, 4);
        assertThat(index.hasUpTo(2)).isFalse();
        assertThat(index.hasUpTo(3)).isTrue();
        index.moveBase(new LogPosition(5, 11));
        assertThat(index.hasUpTo(3)).isFalse();
    }

    @Test
    void theCopiedOnesFollowEachOtherAndAreNeitherLostNorOfALaterSegment() {
        EntryIndex told = told(BASE, 15);
        told.relocate(12, Place.of(1, 0), BYTES);
        told.relocate(13, Place.of(1, 100), BYTES);
        told.relocate(14, Place.of(2, 0), BYTES);
        told.relocate(15, Place.of(1, 200), BYTES);
        assertThat(indexes(told.selectUpTo(1, 0, NO_BOUND, NO_BOUND))).containsExactly(12L, 13L);
        assertThat(indexes(told.selectUpTo(1, 13, NO_BOUND, NO_BOUND))).containsExactly(13L);
        assertThat(indexes(told.selectUpTo(1, 14, NO_BOUND, NO_BOUND))).containsExactly(15L);
        assertThat(indexes(told.selectUpTo(2, 12, NO_BOUND, NO_BOUND)))
                .containsExactly(12L, 13L, 14L, 15L);
        assertThat(told.selectUpTo(1, 16, NO_BOUND, NO_BOUND)).isNull();
    }

    @Test
    void theCopiedOnesFillTheirBoundAndAreAtLeastOne() {
        for (int i = 0; i < 3; i++) {
            addStored(5, 1);
        }
        assertThat(indexes(index.selectUpTo(1, 11, 2 * BYTES, NO_BOUND))).containsExactly(11L, 12L);
        assertThat(indexes(index.selectUpTo(1, 11, 2 * BYTES - 1, NO_BOUND))).containsExactly(11L);
        assertThat(indexes(index.selectUpTo(1, 11, 1, NO_BOUND))).containsExactly(11L);
        assertThat(indexes(index.selectUpTo(1, 11, NO_BOUND, 2))).containsExactly(11L, 12L);
    }

    private static List<Long> indexes(Selection selection) {
        return IntStream.range(0, selection.stored()).mapToObj(selection::index).toList();
    }

    @Test
    void aReadOutsideOfTheLogIsToldWhatItHolds() {
        addStored(5, 1);
        addStored(5, 1);
        assertThat(index.select(11, NO_BOUND).stored()).isEqualTo(2);
        assertThat(index.select(12, NO_BOUND).stored()).isEqualTo(1);
        for (long outside : new long[] {10, 13}) {
            assertThatThrownBy(() -> index.select(outside, NO_BOUND))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("index " + outside + " isn't in the log, which holds 11 to 12");
        }
    }
}
