package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entry;
import static dev.lockstep.raft.storage.Samples.founding;
import static dev.lockstep.raft.storage.Samples.replica;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.StorageException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What is lost of a log costs a group no more than it must, and never less: records that are told
 * and others that are lost by name, segment by segment.
 */
class RebuildingTest {
    private static final long KEY = GROUP.key();
    private static final GroupId NEVER_SEEN = GroupId.of("never-seen");
    private static final Loss ROT = new Loss(Fault.Code.LOG_CORRUPT, "rot", false);
    private static final Loss BEFORE_FIRST = new Loss(Fault.Code.LOG_GAP, "gone", false);

    private final Replicas replicas = new Replicas();
    private Rebuilding rebuilding = from(1);
    private long segment = 1;
    private int at;

    /** What a writer knows of the group, to be told in replica records. */
    private final ReplicaLog writer = Samples.replicaLog(GROUP, 1);

    /** The log begins with that segment. */
    private Rebuilding from(long first) {
        rebuilding = new Rebuilding(Samples.NODE, replicas, first);
        in(first);
        return rebuilding;
    }

    private void in(long sequence) {
        segment = sequence;
        rebuilding.in(sequence);
    }

    private static ByteBuffer bytes(RecordDraft draft) {
        Blocks blocks = Blocks.direct(Blocks.needed(draft.length()));
        draft.writeTo(blocks, 0);
        byte[] bytes = new byte[draft.length()];
        blocks.get(0, bytes, 0, bytes.length);
        return ByteBuffer.wrap(bytes);
    }

    private void tell(RecordDraft draft) throws Damage, StorageException {
        ByteBuffer record = bytes(draft);
        RecordHead head = RecordHead.read(record);
        rebuilding.record(head, record, Place.of(segment, at));
        at += head.length();
    }

    private void lose(RecordDraft draft) throws Damage, StorageException {
        rebuilding.lost(RecordHead.read(bytes(draft)), ROT);
    }

    private static RecordDraft replicaRecord(ReplicaLog log) {
        return new RecordDraft().replica(log);
    }

    private static RecordDraft hardState(long term) {
        return new RecordDraft().hardState(KEY, new HardState(term, null));
    }

    private static RecordDraft vote(long term, String node) {
        return new RecordDraft().hardState(KEY, new HardState(term, replica(node, 9)));
    }

    private RecordDraft appended(long term, long index) {
        return appended(entry(term, index, 20));
    }

    /** The record of an entry that the writer appends. */
    private RecordDraft appended(Entry entry) {
        RecordDraft draft = new RecordDraft().entry(KEY, entry);
        writer.index().add(entry.term(), Place.of(segment, at), draft.length());
        writer.saw(entry);
        return draft;
    }

    private static RecordDraft checkpointEnd(int replicas, long flags) {
        return new RecordDraft().checkpointEnd(replicas, flags);
    }

    private static RecordDraft lostGroup() {
        return new RecordDraft().lost(KEY, 1);
    }

    /** Of a log's first segment: the group, with entries 1 and 2 of term 1. */
    private void tellTwoEntries() throws Damage, StorageException {
        tell(replicaRecord(writer));
        tell(hardState(1));
        tell(appended(1, 1));
        tell(appended(1, 2));
    }

    private void tellCheckpoint(long flags) throws Damage, StorageException {
        tell(replicaRecord(writer));
        tell(hardState(1));
        tell(checkpointEnd(1, flags));
    }

    private ReplicaLog found() {
        ReplicaLog found = replicas.find(KEY);
        assertThat(found).isNotNull();
        return found;
    }

    private @Nullable Loss fatal() {
        return found().doubt().fatal();
    }

    @Test
    void aLostTermIsKnownFromTheDirectoryAndEntriesOfItFollow() throws Damage, StorageException {
        tell(replicaRecord(writer));
        lose(hardState(5));
        tell(appended(5, 1));
        assertThat(found().index().last()).isEqualTo(new LogPosition(5, 1));
        assertThat(fatal()).as("the vote of term 5 isn't known").isEqualTo(ROT);
        tell(hardState(6));
        assertThat(fatal()).isNull();
    }

    @Test
    void aLostTermThatGoesBackIsNoRecordOfThisLog() throws Damage, StorageException {
        tell(replicaRecord(writer));
        tell(hardState(3));
        lose(hardState(3));
        lose(hardState(3));
        assertThatThrownBy(() -> lose(hardState(2)))
                .isInstanceOf(Damage.class)
                .hasMessageContaining("term would go back");
    }

    @Test
    void aSecondVoteIsFoundBehindALostRecordOfTheSameTerm() throws Damage, StorageException {
        tell(replicaRecord(writer));
        tell(vote(3, "n2"));
        lose(vote(3, "n2"));
        assertThatThrownBy(() -> tell(vote(3, "n3"))).isInstanceOf(Damage.class);
    }

    @Test
    void aLostFoundingIsMadeGoodByALaterOne() throws Damage, StorageException {
        tell(replicaRecord(writer));
        lose(new RecordDraft().founding(KEY, founding(false)));
        assertThat(fatal()).isEqualTo(ROT);
        tell(new RecordDraft().founding(KEY, founding(true)));
        assertThat(fatal()).isNull();
        assertThat(found().founding()).isEqualTo(founding(true));
    }

    @Test
    void aLostEntryThatLeavesAGapIsNoRecordOfThisLog() throws Damage, StorageException {
        tellTwoEntries();
        assertThatThrownBy(() -> lose(new RecordDraft().entry(KEY, entry(1, 4, 20))))
                .isInstanceOf(Damage.class)
                .hasMessageContaining("can't follow");
    }

    @Test
    void aLostCopyCostsNothingWhereTheEntryIsThere() throws Damage, StorageException {
        tellTwoEntries();
        lose(new RecordDraft().entry(KEY, entry(1, 2, 20)));
        assertThat(found().index().lost()).isEmpty();
        assertThat(found().doubt().ofEntries()).isNull();
    }

    @Test
    void anEntryOfWhichACopyIsLostTooStaysLostAndIsKnownByItsChecksum()
            throws Damage, StorageException {
        tell(replicaRecord(writer));
        tell(hardState(1));
        RecordDraft original = new RecordDraft().entry(KEY, entry(1, 1, 20));
        lose(original);
        lose(original);
        assertThat(found().index().lost()).containsExactly(new LogPosition(1, 1));
        assertThat(found().doubt().allows(1, original.checksum())).isTrue();
        assertThat(found().doubt().allows(1, ~original.checksum())).isFalse();
    }

    @Test
    void aLostEntryOfWhichACopyIsThereIsKnown() throws Damage, StorageException {
        tell(replicaRecord(writer));
        tell(hardState(1));
        lose(new RecordDraft().entry(KEY, entry(1, 1, 20)));
        tell(new RecordDraft().entry(KEY, entry(1, 1, 20)));
        assertThat(rebuilding.end(BEFORE_FIRST)).isTrue();
        assertThat(found().index().lost()).isEmpty();
        assertThat(found().doubt().ofEntries()).isNull();
        assertThat(found().doubt().allows(1, 77)).as("nothing is awaited for it").isTrue();
    }

    @Test
    void whatReplacedALostEntryIsNotMeasuredByWhatThatOneWas() throws Damage, StorageException {
        tell(replicaRecord(writer));
        tell(hardState(2));
        lose(new RecordDraft().entry(KEY, entry(1, 1, 20)));
        tell(new RecordDraft().truncation(KEY, 1));
        RecordDraft replacement = new RecordDraft().entry(KEY, entry(2, 1, 50));
        tell(replacement);
        assertThat(found().doubt().allows(1, replacement.checksum())).isTrue();
        assertThat(rebuilding.end(BEFORE_FIRST)).isTrue();
        assertThat(found().doubt().isOfEntries()).as("what was lost has left the log").isFalse();
    }

    @Test
    void aBaseBehindTheLogIsDamage() throws Damage, StorageException {
        tellTwoEntries();
        assertThatThrownBy(() -> tell(new RecordDraft().base(KEY, new LogPosition(1, 3))))
                .isInstanceOf(Damage.class)
                .hasMessageContaining("the base 1:3");
    }

    @Test
    void aLostBaseIsKnownFromTheDirectory() throws Damage, StorageException {
        tellTwoEntries();
        lose(new RecordDraft().base(KEY, new LogPosition(1, 1)));
        assertThat(found().index().base()).isEqualTo(new LogPosition(1, 1));
        assertThat(fatal()).isNull();
    }

    @Test
    void whatACheckpointOnlyRepeatsCostsNothing() throws Damage, StorageException {
        tellTwoEntries();
        in(2);
        tell(replicaRecord(writer));
        lose(new RecordDraft().founding(KEY, founding(true)));
        lose(hardState(1));
        tell(checkpointEnd(1, 0));
        assertThat(fatal()).isNull();
        assertThat(rebuilding.checkpoints()).as("it doesn't say all").isEmpty();
        lose(hardState(2));
        assertThat(fatal()).as("that was news").isEqualTo(ROT);
    }

    @Test
    void whatTheLogsFirstCheckpointSaysIsNewsAndItsLossCounts() throws Damage, StorageException {
        from(2);
        tell(replicaRecord(writer));
        lose(hardState(1));
        tell(checkpointEnd(1, 0));
        assertThat(fatal()).isEqualTo(ROT);
        assertThat(rebuilding.end(BEFORE_FIRST)).as("all groups were told").isTrue();
        assertThat(replicas.mayHaveLost(NEVER_SEEN.key())).isFalse();
    }

    @Test
    void whatALaterCheckpointRepeatsOfAReplicaThatAnEarlierOneMadeCostsNothing()
            throws Damage, StorageException {
        tellTwoEntries();
        rebuilding.lostUnknown(ROT);
        in(2);
        tellCheckpoint(0);
        in(3);
        tell(replicaRecord(writer));
        lose(hardState(1));
        tell(checkpointEnd(1, 0));
        assertThat(fatal()).isNull();
    }

    @Test
    void theEndOfACheckpointIsKnownFromTheDirectory() throws Damage, StorageException {
        tellTwoEntries();
        in(2);
        tell(replicaRecord(writer));
        assertThat(rebuilding.endsInCheckpoint()).isTrue();
        lose(checkpointEnd(1, 0));
        assertThat(rebuilding.endsInCheckpoint()).isFalse();
        assertThat(rebuilding.checkpoints()).containsExactly(2L);
    }

    @Test
    void aCheckpointOfWhichNobodyKnowsAPartStandsForNothingBeforeIt()
            throws Damage, StorageException {
        tellTwoEntries();
        in(2);
        rebuilding.lostUnknown(ROT);
        tellCheckpoint(0);
        assertThat(rebuilding.checkpoints()).isEmpty();
        assertThat(replicas.mayHaveLost(NEVER_SEEN.key())).isTrue();
        in(3);
        tellCheckpoint(0);
        assertThat(rebuilding.checkpoints()).containsExactly(3L);
        assertThat(replicas.mayHaveLost(NEVER_SEEN.key())).isFalse();
    }

    @Test
    void aLogThatBeginsWithoutACheckpointMayHaveHeldAnyGroup() throws Damage, StorageException {
        from(2);
        tell(replicaRecord(writer));
        tell(hardState(1));
        assertThat(rebuilding.end(BEFORE_FIRST)).isFalse();
        assertThat(fatal()).isEqualTo(BEFORE_FIRST);
        assertThat(replicas.mayHaveLost(NEVER_SEEN.key())).isTrue();
    }

    @Test
    void aLogWhoseFirstCheckpointIsLostIsKnownFromALaterOne() throws Damage, StorageException {
        from(2);
        rebuilding.lostUnknown(ROT);
        in(3);
        tellCheckpoint(0);
        assertThat(rebuilding.end(BEFORE_FIRST)).isTrue();
        assertThat(fatal()).isNull();
    }

    @Test
    void aReplicaRecordOfEntriesThatNobodyWroteIsDamage() {
        appended(1, 1);
        assertThatThrownBy(() -> tell(replicaRecord(writer)))
                .isInstanceOf(Damage.class)
                .hasMessageContaining("read before was");
    }

    @Test
    void aLaterTimestampThanAnyEntrysIsDamageUnlessEntriesAreLost()
            throws Damage, StorageException {
        tellTwoEntries();
        RecordDraft third = appended(1, 3);
        tell(third);
        writer.sawTimestamp(5_000);
        in(2);
        assertThatThrownBy(() -> tell(replicaRecord(writer))).isInstanceOf(Damage.class);
    }

    @Test
    void theTimestampOfALostEntryIsTakenFromTheNextCheckpoint() throws Damage, StorageException {
        tellTwoEntries();
        lose(appended(1, 3));
        in(2);
        tellCheckpoint(0);
        assertThat(found().lastTimestampMillis()).isEqualTo(entry(1, 3, 20).timestampMillis());
        assertThat(found().index().lost()).containsExactly(new LogPosition(1, 3));
    }

    @Test
    void aGroupOfWhichALaterCheckpointKnowsTheKeyOnlyIsGivenUpWithItsEntries()
            throws Damage, StorageException {
        tellTwoEntries();
        in(2);
        tellCheckpoint(0);
        in(3);
        tell(lostGroup());
        tell(checkpointEnd(0, RecordDraft.AFTER_DAMAGE));
        assertThat(replicas.find(KEY)).isNull();
        assertThat(replicas.mayHaveLost(KEY)).isTrue();
        assertThat(replicas.mayHaveLost(NEVER_SEEN.key())).isFalse();
        assertThat(replicas.live().first(99)).as("none of its entries is needed").isEqualTo(99);
    }

    @Test
    void aGroupThatBeganAgainIsNotAmongTheLostOnesOfTheNextCheckpoint()
            throws Damage, StorageException {
        from(2);
        tell(lostGroup());
        tell(checkpointEnd(0, RecordDraft.AFTER_DAMAGE));
        ReplicaLog anew = Samples.replicaLog(GROUP, 2);
        anew.setBeganAnew(new BeganAnew(Replicas.SAID_BEFORE, 1));
        tell(replicaRecord(anew));
        in(3);
        tell(replicaRecord(anew));
        tell(checkpointEnd(1, 0));
        assertThat(replicas.lost()).isEmpty();
        assertThat(found().id()).isEqualTo(anew.id());
    }

    @Test
    void aLostRecordOfALostGroupSaysWhichThatIs() throws Damage, StorageException {
        from(2);
        lose(lostGroup());
        tell(checkpointEnd(0, RecordDraft.AFTER_DAMAGE));
        assertThat(rebuilding.checkpoints()).containsExactly(2L);
        assertThat(replicas.lost()).containsExactly(KEY);
    }

    @Test
    void aLostGroupIsNamedByACheckpointOfWhichOtherRecordsAreLost()
            throws Damage, StorageException {
        from(2);
        tell(lostGroup());
        lose(replicaRecord(Samples.replicaLog(NEVER_SEEN, 1)));
        tell(checkpointEnd(1, 0));
        assertThat(replicas.lost()).containsExactlyInAnyOrder(KEY, NEVER_SEEN.key());
    }

    @Test
    void aGroupThatIsReadIsNotLostWhereOtherRecordsOfTheCheckpointAre()
            throws Damage, StorageException {
        tellTwoEntries();
        in(2);
        tell(lostGroup());
        lose(replicaRecord(Samples.replicaLog(NEVER_SEEN, 1)));
        tell(checkpointEnd(1, 0));
        assertThat(found().index().last()).isEqualTo(new LogPosition(1, 2));
        assertThat(replicas.lost()).containsExactly(NEVER_SEEN.key());
    }

    @Test
    void thatGroupsAreLostOfWhichNothingIsLeftIsKnownFromHalfACheckpoint()
            throws Damage, StorageException {
        tellTwoEntries();
        in(2);
        lose(hardState(1));
        tell(checkpointEnd(1, RecordDraft.GROUPS_LOST));
        assertThat(replicas.mayHaveLost(NEVER_SEEN.key())).isTrue();
        assertThat(fatal()).as("this one is there").isNull();
    }

    @Test
    void ofHalfACheckpointThatKnowsAllGroupsNoneIsMissing() throws Damage, StorageException {
        tellTwoEntries();
        in(2);
        lose(hardState(1));
        tell(checkpointEnd(1, 0));
        assertThat(replicas.mayHaveLost(NEVER_SEEN.key())).isFalse();
    }

    @Test
    void aReplicaThatMayHaveBegunAnewInALostRecordDoesNotComeBackAsWhatItWas()
            throws Damage, StorageException {
        tellTwoEntries();
        in(2);
        lose(replicaRecord(Samples.replicaLog(GROUP, 2)));
        tell(checkpointEnd(1, RecordDraft.AFTER_DAMAGE));
        assertThat(fatal()).isNotNull();
        assertThat(fatal().what()).contains(Segment.name(2)).contains("after an earlier damage");
    }

    @Test
    void aLostReplicaRecordOfAnOrdinaryCheckpointCostsNothing() throws Damage, StorageException {
        tellTwoEntries();
        in(2);
        lose(replicaRecord(writer));
        tell(checkpointEnd(1, 0));
        assertThat(fatal()).isNull();
    }

    @Test
    void aReplicaOfWhichTheCheckpointAfterDamageTellsGoesOnThoughAnEarlierOneLostIt()
            throws Damage, StorageException {
        tellTwoEntries();
        in(2);
        lose(replicaRecord(writer));
        tell(checkpointEnd(1, 0));
        in(3);
        tellCheckpoint(RecordDraft.AFTER_DAMAGE);
        assertThat(fatal()).isNull();
    }

    @Test
    void theEntriesOfAReplicaThatBeganAnewAreNeededNoMore() throws Damage, StorageException {
        tellTwoEntries();
        in(2);
        ReplicaLog anew = Samples.replicaLog(GROUP, 2);
        anew.setBeganAnew(new BeganAnew(ROT, 1));
        tell(replicaRecord(anew));
        tell(checkpointEnd(1, RecordDraft.AFTER_DAMAGE));
        assertThat(found().id()).isEqualTo(anew.id());
        assertThat(found().index().last()).isEqualTo(LogPosition.ZERO);
        assertThat(replicas.live().first(99)).isEqualTo(99);
    }

    @Test
    void aLostEntryThatTheCheckpointStillHasIsKnownByItsChecksum() throws Damage, StorageException {
        tellTwoEntries();
        RecordDraft third = appended(1, 3);
        lose(third);
        rebuilding.lostUnknown(ROT);
        in(2);
        tellCheckpoint(0);
        assertThat(found().index().lost()).containsExactly(new LogPosition(1, 3));
        assertThat(found().doubt().allows(3, third.checksum())).isTrue();
        assertThat(found().doubt().allows(3, ~third.checksum())).isFalse();
        assertThat(found().doubt().ofEntries()).isEqualTo(ROT);
    }

    @Test
    void anotherEntryThanTheLostOneIsNotMeasuredByItsChecksum() throws Damage, StorageException {
        tellTwoEntries();
        RecordDraft third = new RecordDraft().entry(KEY, entry(1, 3, 20));
        lose(third);
        rebuilding.lostUnknown(ROT); // a cut and another entry 3, of term 2
        RecordDraft replacement = appended(2, 3);
        in(2);
        tell(replicaRecord(writer));
        tell(hardState(2));
        tell(checkpointEnd(1, 0));
        assertThat(found().index().lost()).containsExactly(new LogPosition(2, 3));
        assertThat(found().doubt().allows(3, replacement.checksum())).isTrue();
    }
}
