package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.LogPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Where a log begins: what a durable snapshot takes from it, and what its disk is told. */
class LogBaseTest {
    private static LogView onDisk(long... terms) {
        return LogViewTest.recovered(LogPosition.ZERO, CoreProbe.log(terms), 0);
    }

    @Test
    void aBaseThatTheDiskHoldsNeedsNoTruncation() {
        LogView log = onDisk(1, 1, 2);
        log.moveBase(at(1, 2));
        assertThat(log.takeTruncation()).isZero();
        assertThat(log.takeBase()).isEqualTo(at(1, 2));
        assertThat(log.takeUnpersisted()).isEmpty();
        assertThat(log.termAt(1)).isEqualTo(-1);
        assertThat(log.termAt(2)).isEqualTo(1);
        assertThat(log.termAt(3)).isEqualTo(2);
    }

    @Test
    void whatWasTruncatedBehindTheNewBaseIsStillTold() {
        LogView log = onDisk(1, 1, 1, 1);
        log.truncateFrom(3);
        log.append(entry(2, 3));
        log.moveBase(at(1, 2));
        assertThat(log.takeTruncation()).isEqualTo(3);
        assertThat(log.takeBase()).isEqualTo(at(1, 2));
        assertThat(log.takeUnpersisted()).containsExactly(entry(2, 3));
    }

    @Test
    void theDiskIsClearedWhereItDoesNotLeadUpToTheNewBase() {
        LogView log = onDisk(1, 1, 1);
        log.append(entry(2, 4));
        log.append(entry(2, 5));
        log.moveBase(at(2, 4));
        assertThat(log.takeTruncation()).isEqualTo(1);
        assertThat(log.takeBase()).isEqualTo(at(2, 4));
        assertThat(log.takeUnpersisted()).containsExactly(entry(2, 5));
    }

    @Test
    void whatIsBeforeTheBaseTakesNoRoomInTheCache() {
        LogView log = onDisk();
        for (int i = 1; i <= 4; i++) {
            log.append(entry(1, i));
        }
        assertThat(log.takeUnpersisted()).hasSize(4);
        log.moveBase(at(1, 2));
        long two = 2L * entry(1, 1).weightBytes();
        log.evict(4, two);
        assertThat(log.caches(2)).isFalse();
        assertThat(log.caches(3)).isTrue();
        log.evict(4, two - 1);
        assertThat(log.caches(3)).isFalse();
        assertThat(log.caches(4)).isTrue();
    }

    @Test
    void aSnapshotWhosePositionTheLogHoldsLeavesTheRest() {
        LogView log = onDisk(1, 1, 2);
        log.restartAt(at(1, 2), 50);
        assertThat(log.base()).isEqualTo(at(1, 2));
        assertThat(log.last()).isEqualTo(at(2, 3));
        assertThat(log.newestTimestampMillis()).isEqualTo(50);
        assertThat(log.takeTruncation()).isZero();
    }

    @Test
    void aSnapshotWhosePositionTheLogLacksLeavesNothing() {
        LogView log = onDisk(1, 1, 2);
        log.append(entry(2, 4));
        log.restartAt(at(5, 20), 0);
        assertThat(log.last()).isEqualTo(at(5, 20));
        for (long i = 1; i <= 20; i++) {
            assertThat(log.caches(i)).as("%s is cached", i).isFalse();
        }
        log.append(entry(5, 21));
        assertThat(log.cached(21)).isEqualTo(entry(5, 21));
        assertThat(log.takeTruncation()).isEqualTo(1);
        assertThat(log.takeBase()).isEqualTo(at(5, 20));
        assertThat(log.takeUnpersisted()).containsExactly(entry(5, 21));
    }

    /** All entries that ever were at the end, with those before the base, and a disk. */
    private static final class Naive {
        final List<Entry> entries = new ArrayList<>();
        final List<Entry> disk = new ArrayList<>();
        int base;

        long termAt(long index) {
            return index < base || index > entries.size() ? -1 : position(index).term();
        }

        LogPosition position(long index) {
            return index == 0 ? LogPosition.ZERO : entries.get((int) index - 1).position();
        }

        LogPosition lastAtOrBefore(LogPosition position) {
            for (long i = Math.min(position.index(), entries.size()); i > base; i--) {
                if (termAt(i) <= position.term()) {
                    return position(i);
                }
            }
            return position(base);
        }

        void write(long truncateFrom, List<Entry> more) {
            disk.removeIf(entry -> truncateFrom != 0 && entry.index() >= truncateFrom);
            disk.removeIf(entry -> entry.index() <= base);
            disk.addAll(more);
        }
    }

    @Test
    void isTheNaiveLogWhereverItBegins() {
        for (long seed = 1; seed <= 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Naive naive = new Naive();
            LogView log = onDisk();
            long term = 1;
            for (int step = 0; step < 100; step++) {
                int held = naive.entries.size() - naive.base;
                int what = random.nextInt(12);
                if (what == 0 && held > 0) {
                    int index = naive.base + 1 + random.nextInt(held);
                    log.truncateFrom(index);
                    naive.entries.subList(index - 1, naive.entries.size()).clear();
                    term++;
                } else if (what == 1) {
                    naive.base += random.nextInt(held + 1);
                    log.moveBase(naive.position(naive.base));
                } else if (what == 2) {
                    long truncateFrom = log.takeTruncation();
                    LogPosition unusedBase = log.takeBase();
                    naive.write(truncateFrom, log.takeUnpersisted());
                    assertThat(naive.disk)
                            .as("disk, seed %s", seed)
                            .isEqualTo(naive.entries.subList(naive.base, naive.entries.size()));
                } else {
                    term += random.nextInt(2);
                    Entry next = entry(term, naive.entries.size() + 1L);
                    log.append(next);
                    naive.entries.add(next);
                }
                same(log, naive, random, seed);
            }
        }
    }

    private static void same(LogView log, Naive naive, SplittableRandom random, long seed) {
        long last = naive.entries.size();
        assertThat(log.last()).as("last, seed %s", seed).isEqualTo(naive.position(last));
        for (long index = 0; index <= last + 1; index++) {
            assertThat(log.termAt(index))
                    .as("term at %s behind %s, seed %s", index, naive.base, seed)
                    .isEqualTo(naive.termAt(index));
            LogPosition position = at(1 + random.nextInt(60), index);
            assertThat(log.lastAtOrBefore(position))
                    .as("last at or before %s behind %s, seed %s", position, naive.base, seed)
                    .isEqualTo(naive.lastAtOrBefore(position));
        }
    }
}
