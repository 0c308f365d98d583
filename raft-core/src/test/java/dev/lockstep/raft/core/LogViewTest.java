package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RecoveredReplica;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LogViewTest {
    static LogView recovered(LogPosition base, List<Entry> entries, long timestamp) {
        List<LogPosition> terms = new ArrayList<>();
        for (Entry entry : entries) {
            if (terms.isEmpty() || terms.get(terms.size() - 1).term() != entry.term()) {
                terms.add(entry.position());
            }
        }
        return new LogView(
                new RecoveredReplica(
                        CoreProbe.id(1),
                        null,
                        HardState.INITIAL,
                        null,
                        base,
                        terms,
                        base.index() + entries.size(),
                        timestamp,
                        List.of()),
                new Configurations());
    }

    @Test
    void anEmptyLogEndsBeforeItsFirstEntry() {
        LogView log = recovered(LogPosition.ZERO, List.of(), 0);
        assertThat(log.last()).isEqualTo(LogPosition.ZERO);
        assertThat(log.termAt(0)).isZero();
        assertThat(log.termAt(1)).isEqualTo(-1);
        assertThat(log.holds(LogPosition.ZERO)).isTrue();
        assertThat((log.isCut() || log.hasEntriesToGive())).isFalse();
    }

    @Test
    void aLogBehindABaseKnowsTheBaseAndNothingBeforeIt() {
        LogView log = recovered(at(3, 10), List.of(entry(3, 11), entry(4, 12)), 0);
        assertThat(log.last()).isEqualTo(at(4, 12));
        assertThat(log.termAt(10)).isEqualTo(3);
        assertThat(log.termAt(9)).isEqualTo(-1);
        assertThat(log.lastAtOrBefore(at(2, 12))).isEqualTo(at(3, 10));
        log.truncateFrom(11);
        assertThat(log.last()).isEqualTo(at(3, 10));
    }

    @Test
    void theNewestTimestampOutlivesTruncation() {
        LogView log = recovered(LogPosition.ZERO, List.of(), 5);
        assertThat(log.newestTimestampMillis()).isEqualTo(5);
        log.append(new Entry(1, 1, entry(1, 1).kind(), 70, entry(1, 1).payload()));
        log.truncateFrom(1);
        assertThat(log.newestTimestampMillis()).isEqualTo(70);
    }

    @Test
    void whatTheDiskWasNeverGivenNeedsNoTruncation() {
        LogView log = recovered(LogPosition.ZERO, List.of(), 0);
        log.append(entry(1, 1));
        log.append(entry(1, 2));
        log.truncateFrom(2);
        log.append(entry(2, 2));
        assertThat(log.takeTruncation()).isZero();
        assertThat(log.takeUnpersisted()).containsExactly(entry(1, 1), entry(2, 2));
        assertThat((log.isCut() || log.hasEntriesToGive())).isFalse();
    }

    @Test
    void severalTruncationsBetweenTwoTakesAreTheDeepest() {
        LogView log = recovered(LogPosition.ZERO, CoreProbe.log(1, 1, 1, 1), 0);
        log.truncateFrom(4);
        log.append(entry(2, 4));
        log.truncateFrom(2);
        log.append(entry(3, 2));
        log.append(entry(3, 3));
        log.truncateFrom(3);
        assertThat(log.takeTruncation()).isEqualTo(2);
        assertThat(log.takeUnpersisted()).containsExactly(entry(3, 2));
        assertThat(log.takeTruncation()).isZero();
    }

    @Test
    void aPageHoldsAtLeastOneEntryAndStopsBeforeTheLimit() {
        LogView log = recovered(LogPosition.ZERO, List.of(), 0);
        for (int i = 1; i <= 5; i++) {
            log.append(entry(1, i));
        }
        int weight = entry(1, 1).weightBytes();
        assertThat(log.cached(2, 5, 1)).containsExactly(entry(1, 2));
        assertThat(log.cached(2, 5, 3L * weight)).hasSize(3);
        assertThat(log.cached(2, 5, 3L * weight - 1)).hasSize(2);
        assertThat(log.cached(2, 3, Long.MAX_VALUE)).hasSize(2);
    }

    @Test
    void theHintOfAnotherLogIsSearchedForUnlessItIsFromBeforeTheBase() {
        LogView log = recovered(at(3, 10), List.of(entry(3, 11), entry(5, 12)), 0);
        assertThat(log.agreement(at(4, 12))).isEqualTo(11);
        assertThat(log.agreement(at(9, 40))).isEqualTo(12);
        assertThat(log.agreement(at(2, 10))).isEqualTo(10);
        assertThat(log.agreement(at(2, 9))).isEqualTo(9);
    }

    @Test
    void ofEntriesReadBackThoseAreHeldThatAreBehindTheBaseAndWereNotOverwritten() {
        LogView log = recovered(at(3, 10), List.of(entry(3, 11), entry(4, 12)), 0);
        assertThat(log.stillHeld(List.of(entry(3, 11), entry(4, 12)))).hasSize(2);
        assertThat(log.stillHeld(List.of(entry(3, 11), entry(3, 12))))
                .containsExactly(entry(3, 11));
        assertThat(log.stillHeld(List.of(entry(3, 10), entry(3, 11)))).isEmpty();
    }

    @Test
    void aTruncationOfAllThatTheDiskWasNotGivenLeavesTheDiskAlone() {
        LogView log = recovered(LogPosition.ZERO, CoreProbe.log(1, 1, 1), 0);
        log.append(entry(1, 4));
        log.append(entry(1, 5));
        log.truncateFrom(4);
        assertThat(log.isCut()).isFalse();
        assertThat(log.takeTruncation()).isZero();
        assertThat(log.last()).isEqualTo(at(1, 3));
    }

    /** The whole log as a list, and what a disk was told; compared after every step. */
    private static final class Naive {
        final List<Entry> entries = new ArrayList<>();
        final List<Entry> disk = new ArrayList<>();

        long termAt(long index) {
            return index == 0 ? 0 : index > entries.size() ? -1 : at(index).term();
        }

        Entry at(long index) {
            return entries.get((int) index - 1);
        }

        LogPosition lastAtOrBefore(LogPosition position) {
            for (long i = Math.min(position.index(), entries.size()); i > 0; i--) {
                if (at(i).term() <= position.term()) {
                    return at(i).position();
                }
            }
            return LogPosition.ZERO;
        }
    }

    @Test
    void isTheNaiveLogUnderRandomAppendsTruncationsEvictionsAndTakes() {
        for (long seed = 1; seed <= 400; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Naive naive = new Naive();
            long term = 1;
            for (int i = 1; i <= random.nextInt(40); i++) {
                term += random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 0;
                naive.entries.add(entry(term, i));
            }
            naive.disk.addAll(naive.entries);
            LogView log = recovered(LogPosition.ZERO, naive.entries, 0);
            for (int step = 0; step < 250; step++) {
                switch (random.nextInt(12)) {
                    case 0 -> term += 1 + random.nextInt(3);
                    case 1 -> {
                        if (!naive.entries.isEmpty()) {
                            int size = naive.entries.size();
                            int index = Math.max(1, size - random.nextInt(1 + size / 2));
                            log.truncateFrom(index);
                            naive.entries.subList(index - 1, size).clear();
                            term++;
                        }
                    }
                    case 2 -> {
                        long truncateFrom = log.takeTruncation();
                        if (truncateFrom != 0) {
                            naive.disk.subList((int) truncateFrom - 1, naive.disk.size()).clear();
                        }
                        naive.disk.addAll(log.takeUnpersisted());
                        assertThat(naive.disk).as("disk, seed %s", seed).isEqualTo(naive.entries);
                        assertThat((log.isCut() || log.hasEntriesToGive())).isFalse();
                    }
                    case 3 ->
                            log.evict(
                                    random.nextInt(1 + naive.entries.size()),
                                    random.nextInt(2_000));
                    default -> {
                        Entry next = entry(term, naive.entries.size() + 1L);
                        log.append(next);
                        naive.entries.add(next);
                    }
                }
                same(log, naive, random, seed);
            }
        }
    }

    private static void same(LogView log, Naive naive, SplittableRandom random, long seed) {
        long size = naive.entries.size();
        assertThat(log.lastIndex()).as("last index, seed %s", seed).isEqualTo(size);
        for (int i = 0; i < 3; i++) {
            long index = random.nextLong(size + 3);
            assertThat(log.termAt(index))
                    .as("term at %s, seed %s", index, seed)
                    .isEqualTo(naive.termAt(index));
            if (log.caches(index)) {
                assertThat(log.cached(index)).as("seed %s", seed).isSameAs(naive.at(index));
            }
            LogPosition position = at(1 + random.nextInt(30), 1 + random.nextLong(size + 3));
            assertThat(log.lastAtOrBefore(position))
                    .as("last at or before %s, seed %s", position, seed)
                    .isEqualTo(naive.lastAtOrBefore(position));
        }
        assertThat(log.last())
                .as("last, seed %s", seed)
                .isEqualTo(size == 0 ? LogPosition.ZERO : naive.at(size).position());
    }

    @Test
    void countsTheBytesFromAnyCachedEntryToTheEnd() {
        SplittableRandom random = new SplittableRandom(11);
        LogView log = recovered(LogPosition.ZERO, List.of(), 0);
        for (int step = 0; step < 3_000; step++) {
            int what = random.nextInt(10);
            if (what == 0 && log.lastIndex() > 0) {
                log.truncateFrom(1 + random.nextLong(log.lastIndex()));
            } else if (what == 1) {
                List<Entry> unusedPersisted = log.takeUnpersisted();
                log.evict(log.lastIndex() / 2, random.nextInt(2_000));
            } else {
                Payload payload = Payload.wrap(new byte[random.nextInt(100)]);
                log.append(new Entry(1, log.lastIndex() + 1, EntryKind.COMMAND, 0, payload));
            }
            long bytes = 0;
            for (long i = log.lastIndex(); i > 0 && log.caches(i); i--) {
                bytes += log.cached(i).weightBytes();
                assertThat(log.bytesFrom(i)).isEqualTo(bytes);
            }
        }
    }
}
