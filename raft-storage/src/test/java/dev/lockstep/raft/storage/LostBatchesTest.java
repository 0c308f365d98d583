package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entries;
import static dev.lockstep.raft.storage.Samples.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.LogStore;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What an open knows of batches that aren't whole: of a log of two groups, and of a third that
 * never lived in it and must not be taken for lost where it is known what was.
 */
class LostBatchesTest {
    private static final GroupId OTHER = GroupId.of("other");
    private static final GroupId NEVER_SEEN = GroupId.of("never-seen");
    private static final int ONE_LEFT_OF_A_BLOCK = 392;

    private HandmadeLog log;

    @BeforeEach
    void writeBothGroups() throws IOException, Damage {
        log = new HandmadeLog();
        log.batch(replica(GROUP), term(GROUP, 1), replica(OTHER), term(OTHER, 1));
    }

    private static RecordDraft replica(GroupId group) {
        return new RecordDraft().replica(Samples.replicaLog(group, 1));
    }

    private static RecordDraft replica(GroupId group, Entry last) {
        ReplicaLog replica = Samples.replicaLog(group, 1);
        replica.index().add(last.term(), Place.of(1, 100), 100);
        replica.saw(last);
        return new RecordDraft().replica(replica);
    }

    private static RecordDraft term(GroupId group, long term) {
        return new RecordDraft().hardState(group.key(), new HardState(term, null));
    }

    private static RecordDraft append(GroupId group, long index, int bytes) {
        return new RecordDraft().entry(group.key(), entry(1, index, bytes));
    }

    private static RecordDraft checkpointEnd() {
        return new RecordDraft().checkpointEnd(2, 0);
    }

    private LogStore open(long life) throws IOException {
        return Samples.open(log.disk(), life);
    }

    private static void assertBegunAnew(LogStore store, GroupId group) throws IOException {
        assertThat(store.replica(group).beganAnew()).as("%s", group).isNotNull();
    }

    private static void assertWhole(LogStore store, GroupId group) throws IOException {
        RecoveredReplica found = store.replica(group);
        assertThat(found.beganAnew()).as("%s", group).isNull();
        assertThat(found.damaged()).as("%s", group).isEmpty();
    }

    /** The last batch of the first segment, with an entry, and the first of the next. */
    private int writeOverTheSegmentsEnd() throws IOException, Damage {
        int last = log.batch(append(GROUP, 1, 600));
        assertThat(log.next() - last).as("blocks").isEqualTo(2);
        log.segment(2);
        int first =
                log.batch(
                        replica(GROUP, entry(1, 1, 600)),
                        term(GROUP, 1),
                        replica(OTHER),
                        term(OTHER, 1),
                        checkpointEnd());
        assertThat(log.next() - first).as("blocks").isEqualTo(2);
        log.batch(append(OTHER, 1, 10));
        return last;
    }

    private void assertOnlyTheEntryIsLost(int block) throws IOException {
        try (LogStore store = open(2)) {
            RecoveredReplica found = store.replica(GROUP);
            assertThat(found.beganAnew()).isNull();
            assertThat(found.damaged()).containsExactly(new LogPosition(1, 1));
            assertThat(found.damage().message())
                    .contains(Segment.name(1) + " at offset " + block * Blocks.BYTES);
            assertWhole(store, OTHER);
            assertThat(store.read(OTHER, 1, 100)).containsExactly(entry(1, 1, 10));
            assertWhole(store, NEVER_SEEN);
        }
    }

    @Test
    void twoLostBatchesAreEachKnownByTheirOwnEnding() throws IOException, Damage {
        int last = writeOverTheSegmentsEnd();
        log.rot(1, last).rot(2, 1);
        assertOnlyTheEntryIsLost(last);
    }

    @Test
    void aLostBatchIsKnownByTheEndingOfTheNextOneThatIsLostToo() throws IOException, Damage {
        int last = writeOverTheSegmentsEnd();
        log.rot(1, last + 1).rot(2, 1);
        assertOnlyTheEntryIsLost(last + 1);
    }

    @Test
    void twoLostBatchesOfWhichNoEndingIsLeftMayHaveHeldAnything() throws IOException, Damage {
        int last = writeOverTheSegmentsEnd();
        log.rot(1, last + 1).rot(2, 1).rot(2, 2);
        try (LogStore store = open(2)) {
            assertBegunAnew(store, GROUP);
            assertBegunAnew(store, OTHER);
            assertBegunAnew(store, NEVER_SEEN);
        }
    }

    @Test
    void whatTheLastBatchHeldIsKnownWhenItsEndingRotsAfterAnOpenHasSeenIt()
            throws IOException, Damage {
        int last = log.batch(append(GROUP, 1, 600));
        assertThat(log.next() - last).as("blocks").isEqualTo(2);
        log.rot(1, last);
        for (long life = 2; life <= 3; life++) {
            try (LogStore store = open(life)) {
                Entry lost = entry(1, 1, 600);
                assertThat(store.replica(GROUP).damaged()).containsExactly(lost.position());
                assertThat(store.isCopy(GROUP, lost)).isTrue();
                assertThat(store.isCopy(GROUP, withOtherPayload(lost)))
                        .as("life %d: its checksum is known", life)
                        .isFalse();
                assertWhole(store, NEVER_SEEN);
            }
            log.rot(1, last + 1);
        }
    }

    private static Entry withOtherPayload(Entry entry) {
        return new Entry(
                entry.term(),
                entry.index(),
                entry.kind(),
                entry.timestampMillis(),
                Payload.of("another"));
    }

    @Test
    void whereTheLostRecordsCannotFollowNobodyKnowsWhatWasLost() throws IOException, Damage {
        int lost = log.batch(term(GROUP, 0)); // goes back
        log.batch(append(OTHER, 1, 10));
        log.rot(1, lost);
        try (LogStore store = open(2)) {
            assertBegunAnew(store, GROUP);
            assertBegunAnew(store, OTHER);
            assertBegunAnew(store, NEVER_SEEN);
        }
    }

    @Test
    void aRecordWhoseHeadEndsInADamagedBlockIsLostAndTheOneBeforeIsNot()
            throws IOException, Damage {
        int from = log.batch(append(GROUP, 1, ONE_LEFT_OF_A_BLOCK), append(GROUP, 2, 600));
        assertThat(log.next() - from).as("blocks").isEqualTo(3);
        log.batch(append(OTHER, 1, 10));
        log.rot(1, from + 1);
        try (LogStore store = open(2)) {
            assertThat(store.replica(GROUP).damaged()).containsExactly(new LogPosition(1, 2));
            assertThat(store.read(GROUP, 1, 1)).containsExactly(entry(1, 1, ONE_LEFT_OF_A_BLOCK));
            assertWhole(store, OTHER);
            assertWhole(store, NEVER_SEEN);
        }
    }

    @Test
    void aRecordThatChangedBeforeItsBlockWasSealedIsLostWithItsDamagedBatch()
            throws IOException, Damage {
        int from = log.batch(append(GROUP, 1, 400), append(GROUP, 2, 300), append(GROUP, 3, 300));
        assertThat(log.next() - from).as("blocks").isEqualTo(3);
        log.batch(append(OTHER, 1, 10));
        log.rot(1, from).change(from + 1, 200); // in the second entry
        try (LogStore store = open(2)) {
            assertThat(store.replica(GROUP).damaged())
                    .containsExactly(new LogPosition(1, 1), new LogPosition(1, 2));
            assertThat(store.read(GROUP, 3, 1)).containsExactly(entry(1, 3, 300));
            assertWhole(store, NEVER_SEEN);
        }
    }

    @Test
    void ofACheckpointWhoseFirstBatchesAreLostTheRestTellsNotWhichGroupsThereAre()
            throws IOException, Damage {
        log.segment(2);
        int first = log.batch(replica(GROUP), term(GROUP, 1));
        int second = log.batch(replica(OTHER), term(OTHER, 1));
        assertThat(second).isEqualTo(first + 1);
        log.batch(checkpointEnd());
        log.rot(2, first).rot(2, second);
        try (LogStore store = open(2)) {
            assertBegunAnew(store, NEVER_SEEN);
        }
    }

    @Test
    void rotBehindTheLastBatchOfASegmentCostsNothingEvenBeforeHalfACheckpoint()
            throws IOException, Damage {
        log.rot(1, HandmadeLog.BLOCKS - 3);
        log.segment(2);
        log.batch(replica(GROUP), term(GROUP, 1)); // a crash came before the rest
        try (LogStore store = open(2)) {
            assertWhole(store, GROUP);
            assertWhole(store, OTHER);
            assertWhole(store, NEVER_SEEN);
        }
    }

    @Test
    void aGroupThatBeginsBehindALostFirstBatchStaysWhatItIs() throws IOException, Damage {
        log = new HandmadeLog();
        int lost = log.batch(replica(GROUP), term(GROUP, 1));
        int torn = log.batch(append(GROUP, 1, 900));
        log.rot(1, lost).blank(1, torn + 1);
        RecoveredReplica begun;
        try (LogStore store = open(2)) {
            begun = store.replica(GROUP);
            assertThat(begun.beganAnew()).isNotNull();
            store.append(Samples.term(GROUP, 4));
            store.append(entries(GROUP, entry(4, 1, 10)));
            store.sync();
        }
        assertThat(Heard.of(log.disk(), log.host()).entry(GROUP, 1).file())
                .as("nothing is written behind what is damaged")
                .isEqualTo(Segment.name(2));
        try (LogStore store = open(3)) {
            assertThat(store.replica(GROUP).id()).isEqualTo(begun.id());
            assertThat(store.replica(GROUP).lastIndex()).isEqualTo(1);
        }
    }

    @Test
    void aReplicaThatMayHaveBegunAnewInALostRecordStaysAwayWhenItsOldLogIsReadAgain()
            throws IOException, Damage {
        int vote = log.batch(term(GROUP, 5));
        log.batch(append(OTHER, 1, 10));
        byte[] whole = log.disk().bytes(Segment.name(1));
        log.rot(1, vote);
        try (LogStore store = open(2)) {
            assertBegunAnew(store, GROUP);
        }
        log.disk().put(Segment.name(1), whole); // it was the reading that failed
        log.rot(2, 1); // the new beginning
        try (LogStore store = open(3)) {
            assertBegunAnew(store, GROUP);
            assertWhole(store, NEVER_SEEN);
        }
    }

    private void assertRefused(String why, int block) throws IOException {
        long operations = log.disk().operations();
        assertThatThrownBy(() -> open(2))
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e -> assertThat(e.fault().code()).isEqualTo(Fault.Code.LOG_CORRUPT))
                .hasMessageContaining(Segment.name(1) + " at offset " + block * Blocks.BYTES)
                .hasMessageContaining(why);
        assertThat(log.disk().operations()).as("changes").isEqualTo(operations);
    }

    @Test
    void aLogThatBeginsWithItsSecondBatchIsRefused() throws IOException, Damage {
        log = new HandmadeLog();
        log.number(2).batch(replica(GROUP), term(GROUP, 1));
        assertRefused("batch 1 should be here", 1);
    }

    @Test
    void aBatchThatChangedBeforeItsBlocksWereSealedIsRefusedWithWhatIsWrongInIt()
            throws IOException, Damage {
        int at = log.batch(append(GROUP, 1, 10), append(GROUP, 2, 10));
        CrashDisk whole = log.disk().copy();
        int second = BatchHead.BYTES + RecordDraft.ENTRY_OVERHEAD_BYTES + 10;
        log.change(at, second + RecordDraft.ENTRY_OVERHEAD_BYTES);
        assertRefused("record 2 fails its checksum", at);
        log.disk().put(Segment.name(1), whole.bytes(Segment.name(1)));
        log.change(at, second + RecordHead.BYTES - 1); // its index
        assertRefused("record 2 isn't what the batch's directory says", at);
        log.disk().put(Segment.name(1), whole.bytes(Segment.name(1)));
        log.change(at, Blocks.DATA_BYTES - BatchHead.FOOT_BYTES - 1); // the directory
        assertRefused("the batch's foot", at);
    }

    @Test
    void whatClaimsMoreBlocksThanTheSegmentHasIsNoBatchAndIsCut() throws IOException {
        byte[] before = log.disk().bytes(Segment.name(1));
        log.emptyBlock(1000, true);
        try (LogStore store = open(2)) {
            assertWhole(store, GROUP);
        }
        assertThat(log.disk().bytes(Segment.name(1))).isEqualTo(before);
    }

    @Test
    void behindATornFirstBatchOfASegmentTheLogGoesOnInTheOneBefore() throws IOException, Damage {
        log.segment(2);
        int torn = log.batch(replica(GROUP), term(GROUP, 1), append(GROUP, 1, 900));
        log.blank(2, torn + 1);
        try (LogStore store = open(2)) {
            store.append(entries(OTHER, entry(1, 1, 10)));
            store.sync();
        }
        Heard heard = Heard.of(log.disk(), log.host());
        assertThat(heard.damages).isEmpty();
        assertThat(heard.entry(OTHER, 1).file()).isEqualTo(Segment.name(1));
        try (LogStore store = open(3)) {
            assertThat(store.read(OTHER, 1, 100)).containsExactly(entry(1, 1, 10));
        }
    }
}
