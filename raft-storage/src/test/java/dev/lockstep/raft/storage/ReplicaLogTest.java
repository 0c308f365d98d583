package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.replica;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a log remembers of its configurations, and what it refuses, in words. */
class ReplicaLogTest {
    private final LiveBytes live = new LiveBytes();
    private final ReplicaLog log = emptyBehind(LogPosition.ZERO);

    private ReplicaLog emptyBehind(LogPosition base) {
        return new ReplicaLog(GROUP, replica("n1", 1), new EntryIndex(base, live));
    }

    /** Adds entries of term 1, each a configuration. */
    private static void addConfigurations(ReplicaLog log, int count) {
        for (int i = 0; i < count; i++) {
            long next = log.index().last().index() + 1;
            log.index().add(1, Place.of(1, (int) next), 50);
            log.saw(configuration(next, 0));
        }
    }

    private static Entry configuration(long index, long timestampMillis) {
        return new Entry(1, index, EntryKind.CONFIGURATION, timestampMillis, Payload.EMPTY);
    }

    private static List<Long> configurations(ReplicaLog log) {
        return log.recovered(null).configurations().stream().map(Entry::index).toList();
    }

    @Test
    void aCutDropsTheConfigurationsFromThereOn() {
        addConfigurations(log, 4);
        log.truncate(3);
        assertThat(configurations(log)).containsExactly(1L, 2L);
    }

    @Test
    void aBaseDropsTheConfigurationsUpToThere() {
        addConfigurations(log, 4);
        log.moveBase(new LogPosition(1, 2));
        assertThat(configurations(log)).containsExactly(3L, 4L);
    }

    @Test
    void copiesOfConfigurationsAreKeptOnceAndInOrder() {
        addConfigurations(log, 3);
        log.saw(configuration(3, 70));
        log.saw(configuration(1, 60));
        log.saw(configuration(2, 80));
        assertThat(configurations(log)).containsExactly(1L, 2L, 3L);
        assertThat(log.recovered(null).configurations())
                .containsExactly(configuration(1, 60), configuration(2, 80), configuration(3, 70));
        assertThat(log.lastTimestampMillis()).isEqualTo(80);
    }

    @Test
    void configurationsThatAreStillHeldBehindTheBaseAreTakenOver() {
        addConfigurations(log, 5);
        EntryIndex told =
                new EntryIndex(
                        new LogPosition(1, 2),
                        List.of(new LogPosition(1, 3), new LogPosition(2, 5)),
                        new LogPosition(2, 5),
                        live);
        ReplicaLog made = new ReplicaLog(GROUP, replica("n1", 1), told);
        made.takePlaces(log);
        assertThat(configurations(made)).containsExactly(3L, 4L);
        assertThat(made.recovered(null).damaged()).containsExactly(new LogPosition(2, 5));
    }

    @Test
    void whatACutDropsIsNotDoubtedWhenItIsWrittenAgain() {
        addConfigurations(log, 3);
        Loss loss = new Loss(Fault.Code.LOG_CORRUPT, "test", false);
        for (int i = 2; i <= 3; i++) {
            log.doubt().entry(new RecordHead(50, 77, RecordKind.ENTRY, log.key(), 1, i), loss);
        }
        assertThat(log.doubt().allows(2, 78)).isFalse();
        assertThat(log.doubt().allows(2, 77)).isTrue();
        log.truncate(3);
        assertThat(log.doubt().allows(2, 78)).as("before the cut").isFalse();
        assertThat(log.doubt().allows(3, 78)).as("behind the cut").isTrue();
    }

    @Test
    void aHardStateNeverGoesBack() {
        HardState before = new HardState(4, replica("n2", 2), 500);
        assertThat(ReplicaLog.refusal(before, new HardState(3, null, 500)))
                .isEqualTo("the hard state's term would go from 4 back to 3");
        assertThat(ReplicaLog.refusal(before, new HardState(5, null, 499)))
                .isEqualTo("the longest promise would go from 500 ns down to 499 ns");
        assertThat(ReplicaLog.refusal(before, new HardState(4, replica("n3", 3), 500)))
                .startsWith("the vote of term 4 would change from n2")
                .contains(" to n3");
        assertThat(ReplicaLog.refusal(before, new HardState(4, null, 500)))
                .startsWith("the vote of term 4 would change from n2");
        assertThat(ReplicaLog.refusal(before, before)).isNull();
        assertThat(ReplicaLog.refusal(before, new HardState(5, replica("n3", 3), 500))).isNull();
    }

    @Test
    void onlyWhatIsHeldIsCut() {
        ReplicaLog behind = emptyBehind(new LogPosition(1, 7));
        addConfigurations(behind, 2);
        assertThat(behind.refusal(8)).isNull();
        assertThat(behind.refusal(9)).isNull();
        assertThat(behind.refusal(7)).isEqualTo("truncation from 7 of a log that holds 8 to 9");
        assertThat(behind.refusal(10)).isEqualTo("truncation from 10 of a log that holds 8 to 9");
    }

    @Test
    void aBaseIsHeldOrLiesBehindAnEmptyLog() {
        LogPosition base = new LogPosition(1, 7);
        ReplicaLog behind = emptyBehind(base);
        assertThat(behind.refusal(base, base)).isNull();
        assertThat(behind.refusal(base, new LogPosition(2, 8))).isNull();
        assertThat(behind.refusal(base, new LogPosition(2, 7)))
                .as("another entry of the same index")
                .startsWith("the base ");
        addConfigurations(behind, 2);
        LogPosition last = behind.index().last();
        assertThat(behind.refusal(last, last)).isNull();
        assertThat(behind.refusal(last, new LogPosition(2, 10))).startsWith("the base ");
    }

    @Test
    void onlyKeptEntriesAreCopied() {
        LogPosition base = new LogPosition(1, 7);
        ReplicaLog behind = emptyBehind(base);
        addConfigurations(behind, 1);
        assertThat(behind.refusalOfCopy(new LogPosition(1, 8))).isNull();
        assertThat(behind.refusalOfCopy(base)).startsWith("a copy of ");
        assertThat(behind.refusalOfCopy(new LogPosition(2, 8))).startsWith("a copy of ");
        assertThat(behind.refusalOfCopy(new LogPosition(1, 9))).startsWith("a copy of ");
    }

    @Test
    void anEntryFollowsTheLastOneInNoOlderTermAndNoneThatIsNotDurable() {
        LogPosition last = new LogPosition(3, 7);
        HardState hardState = new HardState(4, null);
        assertThat(ReplicaLog.refusal(last, hardState, 3, 8)).isNull();
        assertThat(ReplicaLog.refusal(last, hardState, 4, 8)).isNull();
        assertThat(ReplicaLog.refusal(last, hardState, 3, 9)).startsWith("entry 3:9 can't follow ");
        assertThat(ReplicaLog.refusal(last, hardState, 2, 8))
                .startsWith("entry 2:8 is of an older term than ");
        assertThat(ReplicaLog.refusal(last, hardState, 5, 8))
                .isEqualTo("entry 5:8 is of a later term than the hard state's, 4");
    }
}
