package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.RecoveredReplica;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which entries stay in memory, and how many bytes they take. */
class LogCacheTest {
    private static final int WEIGHT = entry(1, 1).weightBytes();

    private final LogView log =
            new LogView(
                    new RecoveredReplica(
                            CoreProbe.id(1),
                            null,
                            HardState.INITIAL,
                            null,
                            LogPosition.ZERO,
                            List.of(),
                            0,
                            0,
                            List.of()),
                    new Configurations());

    private void append(long from, long to) {
        for (long i = from; i <= to; i++) {
            log.append(entry(1, i));
        }
    }

    private long firstCached() {
        long first = log.lastIndex() + 1;
        while (first > 1 && log.caches(first - 1)) {
            first--;
        }
        return first;
    }

    @Test
    void theOldestEntriesGoUntilTheRestFits() {
        append(1, 10);
        assertThat(log.takeUnpersisted()).hasSize(10);
        log.evict(10, 4L * WEIGHT);
        assertThat(firstCached()).isEqualTo(7);
        append(11, 12);
        assertThat(log.takeUnpersisted()).hasSize(2);
        log.evict(12, 4L * WEIGHT);
        assertThat(firstCached()).isEqualTo(9);
        log.evict(12, 4L * WEIGHT);
        assertThat(firstCached()).isEqualTo(9);
    }

    @Test
    void whatWasTruncatedTakesNoBytes() {
        append(1, 10);
        log.truncateFrom(6);
        append(6, 7);
        assertThat(log.takeUnpersisted()).hasSize(7);
        log.evict(7, 7L * WEIGHT);
        assertThat(firstCached()).isEqualTo(1);
        log.evict(7, 7L * WEIGHT - 1);
        assertThat(firstCached()).isEqualTo(2);
    }

    @Test
    void whatIsStillWantedStays() {
        append(1, 10);
        assertThat(log.takeUnpersisted()).hasSize(10);
        log.evict(3, 0);
        assertThat(firstCached()).isEqualTo(4);
    }

    @Test
    void whatTheDiskWasNotGivenStays() {
        append(1, 4);
        assertThat(log.takeUnpersisted()).hasSize(4);
        append(5, 10);
        log.evict(10, 0);
        assertThat(firstCached()).isEqualTo(5);
    }

    @Test
    void entriesBeyondTheFirstRoomAreKept() {
        append(1, 300);
        assertThat(firstCached()).isEqualTo(1);
        for (long i = 1; i <= 300; i++) {
            assertThat(log.cached(i).index()).isEqualTo(i);
        }
    }

    /** A log that moves along in a small cache needs no more room, and keeps what it holds. */
    @Test
    void aCacheThatMovesAlongKeepsItsEntries() {
        for (long i = 1; i <= 1_000; i++) {
            append(i, i);
            List<Entry> given = log.takeUnpersisted();
            assertThat(given).containsExactly(entry(1, i));
            log.evict(i, 60L * WEIGHT);
            for (long held = firstCached(); held <= i; held++) {
                assertThat(log.cached(held).index()).isEqualTo(held);
            }
        }
        assertThat(firstCached()).isEqualTo(941);
    }

    @Test
    void aPlaceBetweenTwoRunsOfTermsIsFound() {
        append(1, 3);
        log.append(entry(3, 4));
        log.append(entry(3, 5));
        log.append(entry(6, 6));
        assertThat(log.termAt(3)).isEqualTo(1);
        assertThat(log.termAt(4)).isEqualTo(3);
        assertThat(log.termAt(5)).isEqualTo(3);
        assertThat(log.termAt(6)).isEqualTo(6);
        assertThat(log.lastAtOrBefore(at(5, 6))).isEqualTo(at(3, 5));
        assertThat(log.lastAtOrBefore(at(2, 9))).isEqualTo(at(1, 3));
        assertThat(log.lastAtOrBefore(at(1, 1))).isEqualTo(at(1, 1));
    }
}
