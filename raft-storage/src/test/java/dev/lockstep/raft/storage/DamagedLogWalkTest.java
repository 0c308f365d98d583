package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entry;
import static dev.lockstep.raft.storage.Samples.replicaLog;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.storage.StoredDamage.LostRecord;
import java.io.IOException;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an inspection tells of batches that aren't whole, and where it looks for that. */
class DamagedLogWalkTest {
    private static final long KEY = GROUP.key();

    private HandmadeLog log;

    @BeforeEach
    void writeFirstBatch() throws IOException, Damage {
        log = new HandmadeLog();
        log.batch(replica(), term(1));
    }

    private static RecordDraft replica() {
        return new RecordDraft().replica(replicaLog(GROUP, 1));
    }

    private static RecordDraft term(long term) {
        return new RecordDraft().hardState(KEY, new HardState(term, null));
    }

    private static RecordDraft append(long index, int bytes) {
        return new RecordDraft().entry(KEY, entry(1, index, bytes));
    }

    private static LostRecord lost(long index) {
        return new LostRecord("ENTRY", KEY, 1, index);
    }

    private Heard walk() throws IOException {
        return Heard.of(log.disk(), log.host());
    }

    private StoredDamage onlyDamage() throws IOException {
        Heard heard = walk();
        assertThat(heard.damages).hasSize(1);
        assertThat(heard.unfinished).isEmpty();
        return heard.damages.get(0);
    }

    private static long offset(int block) {
        return (long) block * Blocks.BYTES;
    }

    @Test
    void aLogWithoutAnyBatchLacksNothing() throws IOException {
        log = new HandmadeLog();
        Heard heard = walk();
        assertThat(heard.damages).isEmpty();
        assertThat(heard.records).isEmpty();
    }

    @Test
    void aLogThatBeginsWithItsSecondBatchIsDamaged() throws IOException, Damage {
        log = new HandmadeLog();
        log.number(2).batch(replica(), term(1));
        assertThat(onlyDamage().what()).isEqualTo("batch 2 can't follow batch 0");
    }

    @Test
    void aLogWhoseFirstBatchIsDamagedGoesOnWithTheSecond() throws IOException, Damage {
        log.batch(append(1, 10));
        log.rot(1, 1);
        assertThat(onlyDamage().offset()).isEqualTo(offset(1));
        assertThat(walk().entry(GROUP, 1).batch()).isEqualTo(2);
    }

    @Test
    void aTornBatchIsDamageWhereALaterSegmentHoldsSomething() throws IOException, Damage {
        int torn = log.batch(append(1, 900));
        log.blank(1, torn + 1);
        assertThat(walk().unfinished).containsExactly(offset(torn));
        log.segment(2).batch(replica(), term(1), new RecordDraft().checkpointEnd(1, 0));
        StoredDamage damage = onlyDamage();
        assertThat(damage.file()).isEqualTo(Segment.name(1));
        assertThat(damage.offset()).isEqualTo(offset(torn + 1));
        assertThat(damage.from()).isEqualTo(offset(torn));
    }

    @Test
    void aTornBatchIsDamageWhereNobodyKnowsWhatALaterSegmentHolds() throws IOException, Damage {
        int torn = log.batch(append(1, 900));
        log.blank(1, torn + 1);
        log.segment(2).segment(3, new UUID(1, 2));
        Heard heard = walk();
        assertThat(heard.unfinished).isEmpty();
        assertThat(heard.damages)
                .extracting(StoredDamage::file)
                .containsExactly(Segment.name(1), Segment.name(3));
    }

    @Test
    void aTornBatchIsNoDamageWhereTheLaterSegmentsWereNeverUsed() throws IOException, Damage {
        int torn = log.batch(append(1, 900));
        log.blank(1, torn + 1);
        log.segment(2).segment(3);
        Heard heard = walk();
        assertThat(heard.damages).isEmpty();
        assertThat(heard.unfinished).containsExactly(offset(torn));
    }

    @Test
    void theLastBatchIsNamedByItsEndingWhateverItsFirstBlockHolds() throws IOException, Damage {
        int last = log.batch(append(1, 900));
        log.rot(1, last);
        assertThat(onlyDamage().lost()).containsExactly(lost(1));
        assertThat(onlyDamage().allNamed()).isTrue();
    }

    @Test
    void ofTwoDamagedBatchesInARowOnlyTheFirstIsNamed() throws IOException, Damage {
        int first = log.batch(append(1, 900));
        int second = log.batch(append(2, 900));
        log.batch(append(3, 10));
        log.rot(1, first).rot(1, second);
        StoredDamage damage = onlyDamage();
        assertThat(damage.lost()).containsExactly(lost(1));
        assertThat(damage.allNamed()).isFalse();
        assertThat(walk().entry(GROUP, 3).batch()).isEqualTo(4);
    }

    @Test
    void blocksThatMakeNoBatchAreDamageUpToTheNextOne() throws IOException, Damage {
        int from = log.next();
        log.emptyBlock(2, true).emptyBlock(0, false);
        log.batch(append(1, 10));
        StoredDamage damage = onlyDamage();
        assertThat(damage.from()).isEqualTo(offset(from));
        assertThat(damage.offset()).isEqualTo(offset(from + 1));
        assertThat(damage.allNamed()).isFalse();
        assertThat(walk().entry(GROUP, 1).batch()).isEqualTo(2);
    }
}
