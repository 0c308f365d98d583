package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entries;
import static dev.lockstep.raft.storage.Samples.entry;
import static dev.lockstep.raft.storage.Samples.log;
import static dev.lockstep.raft.storage.Samples.term;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What is damaged costs the groups that it touches, and no other. */
class DamagedGroupsTest {
    private static final GroupId OTHER = GroupId.of("other");

    private final CrashDisk disk = new CrashDisk();

    /** Three batches: one of both groups, one of the first group only, one of the other only. */
    private LogStore writeBoth() throws IOException {
        LogStore store = Samples.open(disk, 1);
        store.replica(GROUP);
        store.replica(OTHER);
        store.append(foundedIn(GROUP, 1));
        store.append(foundedIn(OTHER, 2));
        store.sync();
        return store;
    }

    private static ReplicaWrite foundedIn(GroupId group, long term) {
        return new ReplicaWrite(
                group, Samples.founding(true), new HardState(term, null), 0, List.of());
    }

    private void rot(String file, long offset) {
        byte[] bytes = disk.bytes(file);
        bytes[(int) offset] ^= 0x20;
        disk.put(file, bytes);
    }

    private long sizeOfLog() {
        byte[] bytes = disk.bytes(Segment.name(1));
        int end = bytes.length;
        while (bytes[end - 1] == 0) {
            end--;
        }
        return (end + Blocks.BYTES - 1L) / Blocks.BYTES * Blocks.BYTES;
    }

    /**
     * The next segment is prepared only once the one before has held a batch, so a prepared one
     * without it says that something is lost.
     */
    @Test
    void aDeletedNewestSegmentIsMissedByThePreparedOneBehindIt() throws IOException {
        LogStore store = Samples.open(disk, 1);
        store.replica(GROUP);
        store.append(Samples.term(GROUP, 1));
        for (int i = 1; i <= 60; i++) {
            store.append(entries(GROUP, entry(1, i, 700)));
            store.sync();
        }
        store.close();
        List<String> names = disk.list().stream().filter(Segment::isName).sorted().toList();
        String newest = names.get(names.size() - 2);
        disk.delete(newest);
        disk.syncDirectory();

        try (LogStore opened = Samples.open(disk, 2)) {
            RecoveredReplica found = opened.replica(GROUP);
            assertThat(found.beganAnew()).as("%s of %s", newest, names).isNotNull();
            assertThat(found.beganAnew().code()).isEqualTo(Fault.Code.LOG_GAP);
        }
    }

    @Test
    void aDamagedRecordCostsItsOwnGroupAndNoOther() throws IOException {
        LogStore store = writeBoth();
        long at = sizeOfLog();
        store.append(new ReplicaWrite(GROUP, null, new HardState(2, null), 0, List.of()));
        store.sync();
        store.append(entries(OTHER, entry(2, 1, 1500)));
        store.sync();
        RecoveredReplica other = store.replica(OTHER);
        store.close();
        rot(Segment.name(1), at + 100);

        LogStore opened = Samples.open(disk, 2);
        RecoveredReplica anew = opened.replica(GROUP);
        assertThat(anew.beganAnew()).isNotNull();
        assertThat(anew.beganAnew().code()).isEqualTo(Fault.Code.LOG_CORRUPT);
        assertThat(anew.founding()).as("it can't found it again").isEqualTo(Samples.founding(true));
        assertThat(opened.replica(OTHER)).isEqualTo(other);
        assertThat(log(opened, OTHER)).containsExactly(entry(2, 1, 1500));
        // Both go on.
        opened.append(term(GROUP, 7));
        opened.append(entries(GROUP, entry(1, 1, 20)));
        opened.append(entries(OTHER, entry(2, 2, 20)));
        opened.sync();
        RecoveredReplica now = opened.replica(GROUP);
        opened.close();
        LogStore again = Samples.open(disk, 3);
        assertThat(again.replica(GROUP)).isEqualTo(now);
        assertThat(log(again, GROUP)).containsExactly(entry(1, 1, 20));
        assertThat(again.replica(OTHER).lastIndex()).isEqualTo(2);
        again.close();
    }

    @Test
    void aDamagedHardStateIsMadeGoodByALaterOne() throws IOException {
        LogStore store = writeBoth();
        long at = sizeOfLog();
        store.append(term(GROUP, 3));
        store.sync();
        store.append(term(GROUP, 4));
        store.sync();
        RecoveredReplica replica = store.replica(GROUP);
        store.close();
        CrashDisk whole = disk.copy();
        rot(Segment.name(1), at + 100);
        try (LogStore opened = Samples.open(disk, 2)) {
            assertThat(opened.replica(GROUP)).isEqualTo(replica);
            assertThat(opened.replica(OTHER).beganAnew()).isNull();
        }
        // The last one is made good by nothing.
        disk.put(Segment.name(1), whole.bytes(Segment.name(1)));
        rot(Segment.name(1), at + Blocks.BYTES + 100);
        try (LogStore opened = Samples.open(disk, 3)) {
            assertThat(opened.replica(GROUP).beganAnew()).isNotNull();
        }
    }

    @Test
    void aDamagedTruncationIsKnownFromTheSecondPlace() throws IOException {
        LogStore store = writeBoth();
        store.append(entries(GROUP, entry(1, 1, 20), entry(1, 2, 20)));
        store.sync();
        long at = sizeOfLog();
        store.append(Samples.truncation(GROUP, 2));
        store.sync();
        store.append(term(OTHER, 3));
        store.sync();
        RecoveredReplica replica = store.replica(GROUP);
        store.close();
        rot(Segment.name(1), at + 100);
        try (LogStore opened = Samples.open(disk, 2)) {
            assertThat(opened.replica(GROUP)).isEqualTo(replica);
            assertThat(opened.replica(GROUP).lastIndex()).isEqualTo(1);
        }
    }

    @Test
    void whereNobodyKnowsWhatWasLostEveryGroupBeginsAnew() throws IOException {
        writeBoth().close();
        rot(Segment.name(1), sizeOfLog() - Blocks.BYTES + 100); // the last block of all
        LogStore opened = Samples.open(disk, 2);
        assertThat(opened.replica(GROUP).beganAnew()).isNotNull();
        assertThat(opened.replica(OTHER).beganAnew()).isNotNull();
        RecoveredReplica unknown = opened.replica(GroupId.of("third"));
        assertThat(unknown.beganAnew()).as("it may have lived here, too").isNotNull();
        opened.close();
        try (LogStore again = Samples.open(disk, 3)) {
            assertThat(again.replica(GroupId.of("third"))).isEqualTo(unknown);
            assertThat(again.replica(GroupId.of("fourth")).beganAnew()).isNotNull();
        }
    }

    @Test
    void whereOnlyASegmentThatWasNeverUsedIsLeftEveryGroupBeginsAnew() throws IOException {
        writeBoth().close();
        disk.remove(Segment.name(1));
        assertThat(disk.list()).contains(Segment.name(2));

        Set<ReplicaId> ids = new TreeSet<>(Comparator.comparing(ReplicaId::toString));
        for (long life = 2; life <= 3; life++) { // what was said once is durable
            LogStore opened = Samples.open(disk, life);
            for (GroupId group : List.of(GROUP, OTHER, GroupId.of("newcomer"))) {
                ids.add(opened.replica(group).id());
                Fault why = opened.replica(group).beganAnew();
                assertThat(why).as("%s in life %d", group, life).isNotNull();
                assertThat(why.code()).isEqualTo(Fault.Code.LOG_GAP);
            }
            opened.close();
        }
        assertThat(ids).as("each began anew once").hasSize(3);
    }

    @Test
    void aWitnessBeginsAnewAsAWitnessAndNoOtherReplicaDoes() throws IOException {
        LogStore store = Samples.open(disk, 1);
        store.replica(GROUP, true);
        store.replica(OTHER, false);
        store.append(foundedIn(GROUP, 1));
        store.append(foundedIn(OTHER, 1));
        store.sync();
        store.close();
        rot(Segment.name(1), sizeOfLog() - Blocks.BYTES + 100);
        try (LogStore opened = Samples.open(disk, 2)) {
            RecoveredReplica witness = opened.replica(GROUP);
            assertThat(witness.beganAnew()).isNotNull();
            assertThat(witness.id().isWitness()).isTrue();
            RecoveredReplica other = opened.replica(OTHER);
            assertThat(other.beganAnew()).isNotNull();
            assertThat(other.id().isWitness()).isFalse();
        }
    }

    @Test
    void aCheckpointTellsWhichGroupsALostSegmentTouched() throws IOException {
        LogStore store = writeBoth();
        long last = 0;
        while (!disk.list().contains(Segment.name(5))) {
            store.append(entries(GROUP, entry(1, ++last, 3000)));
            store.sync();
        }
        RecoveredReplica other = store.replica(OTHER);
        store.close();
        for (long lost = 2; lost <= 3; lost++) {
            CrashDisk damaged = disk.copy().remove(Segment.name(lost));
            try (LogStore opened = Samples.open(damaged, 2)) {
                RecoveredReplica found = opened.replica(GROUP);
                assertThat(found.beganAnew()).as("%d", lost).isNull();
                assertThat(found.damaged()).as("%d", lost).isNotEmpty();
                assertThat(found.damage().message())
                        .startsWith(Segment.name(lost) + " in simulated disk: it is missing");
                assertThat(found.lastIndex()).isEqualTo(last);
                assertThat(opened.replica(OTHER)).as("%d", lost).isEqualTo(other);
                RecoveredReplica fresh = opened.replica(GroupId.of("third"));
                assertThat(fresh.beganAnew()).as("all groups are known").isNull();
            }
        }
    }

    @Test
    void whatHeldTheOldReplicaIsKeptAsideWhenTheLogNeedsItNoMore() throws IOException {
        LogStore store = writeBoth();
        store.append(entries(GROUP, entry(1, 1, 1500)));
        store.sync();
        long at = sizeOfLog();
        store.append(term(GROUP, 2));
        store.sync();
        store.append(term(OTHER, 3)); // repeats what stood in the batch before
        store.sync();
        SnapshotMeta snapshot =
                new SnapshotMeta(new LogPosition(1, 1), 0, Samples.founding(true).initial(), 1_000);
        store.snapshots().write(GROUP, snapshot, out -> {});
        store.close();
        rot(Segment.name(1), at + 100);
        byte[] evidence = disk.bytes(Segment.name(1));
        LogStore opened = Samples.open(disk, 2);
        assertThat(opened.replica(GROUP).snapshot()).isNull();
        assertThat(disk.list())
                .anyMatch(name -> name.startsWith("damaged-snap-"))
                .noneMatch(name -> name.startsWith("snap-"));
        // Any cut lets the log look through its segments.
        opened.append(entries(OTHER, entry(2, 1, 10)));
        opened.append(new ReplicaWrite(OTHER, null, null, 0, new LogPosition(2, 1), List.of()));
        opened.sync();
        assertThat(disk.list())
                .contains("damaged-" + Segment.name(1))
                .doesNotContain(Segment.name(1));
        assertThat(disk.bytes("damaged-" + Segment.name(1))).isEqualTo(evidence);
        opened.close();
        try (LogStore again = Samples.open(disk, 3)) {
            assertThat(again.replica(GROUP).beganAnew()).isNotNull();
            assertThat(again.replica(GroupId.of("third")).beganAnew()).isNull();
        }
    }

    @Test
    void whatHeldALostGroupThatNobodyHasOpenedIsKeptAside() throws IOException {
        LogStore store = Samples.open(disk, 1);
        store.replica(OTHER);
        store.append(foundedIn(OTHER, 2));
        store.sync();
        long at = sizeOfLog();
        store.replica(GROUP);
        store.append(entries(OTHER, entry(2, 1, 10)));
        store.sync();
        store.close();
        rot(Segment.name(1), at + 122); // of the group nothing but the key is left
        byte[] evidence = disk.bytes(Segment.name(1));
        for (long life = 2; life <= 4; life++) { // its checkpoints say so again
            Samples.open(disk, life).close();
        }
        try (LogStore opened = Samples.open(disk, 5)) {
            assertThat(opened.replica(OTHER).lastIndex()).isEqualTo(1);
            opened.append(new ReplicaWrite(OTHER, null, null, 0, new LogPosition(2, 1), List.of()));
            opened.sync();
            assertThat(disk.list()).doesNotContain(Segment.name(1));
            assertThat(disk.list()).contains("damaged-" + Segment.name(1));
            assertThat(disk.bytes("damaged-" + Segment.name(1))).isEqualTo(evidence);
            assertThat(opened.replica(GROUP).beganAnew()).isNotNull();
        }
    }

    /** All that are known began anew with it, and so does each that is opened later. */
    @Test
    void whatHeldGroupsThatNobodyKnowsIsKeptAside() throws IOException {
        writeBoth().close();
        rot(Segment.name(1), 3); // the header: nothing of it is known
        byte[] evidence = disk.bytes(Segment.name(1));
        for (long life = 2; life <= 3; life++) {
            Samples.open(disk, life).close();
        }
        GroupId fresh = GroupId.of("fresh");
        try (LogStore opened = Samples.open(disk, 4)) {
            opened.replica(fresh);
            opened.append(foundedIn(fresh, 2));
            opened.append(entries(fresh, entry(2, 1, 10)));
            opened.append(new ReplicaWrite(fresh, null, null, 0, new LogPosition(2, 1), List.of()));
            opened.sync();
            assertThat(disk.list()).doesNotContain(Segment.name(1));
            assertThat(disk.bytes("damaged-" + Segment.name(1))).isEqualTo(evidence);
        }
    }

    @Test
    void aRepairedEntryIsReadWhereItsCopyStandsAndTheOthersStayWhereTheyAre() throws IOException {
        LogStore store = writeBoth();
        long at = sizeOfLog();
        List<Entry> all = new ArrayList<>();
        for (int index = 1; index <= 4; index++) {
            all.add(entry(1, index, 600));
            store.append(entries(GROUP, entry(1, index, 600)));
            store.sync();
        }
        store.close();
        rot(Segment.name(1), at + 700); // the first entry
        LogStore opened = Samples.open(disk, 2);
        assertThat(opened.replica(GROUP).damaged()).containsExactly(new LogPosition(1, 1));
        long last = 4;
        while (!disk.list().contains(Segment.name(4))) {
            Entry next = entry(1, ++last, 3000);
            all.add(next);
            opened.append(entries(GROUP, next));
            opened.sync();
        }
        opened.append(
                new ReplicaWrite(GROUP, null, null, 0, null, List.of(entry(1, 1, 600)), List.of()));
        opened.append(entries(OTHER, entry(2, 1, 10)));
        opened.append(new ReplicaWrite(OTHER, null, null, 0, new LogPosition(2, 1), List.of()));
        opened.sync();
        assertThat(disk.list()).as("entries 2 to 4 stand there").contains(Segment.name(1));
        assertThat(log(opened, GROUP)).isEqualTo(all);
        opened.close();
        CrashDisk after = disk.afterCrash(CrashDisk.Survival.nothing());
        LogStore again = Samples.open(after, 3);
        assertThat(again.replica(GROUP).damaged()).isEmpty();
        assertThat(log(again, GROUP)).isEqualTo(all);
        // Once the others are gone the first segments go, too; the copy alone is there.
        again.append(new ReplicaWrite(GROUP, null, null, 2, List.of()));
        again.sync();
        again.append(new ReplicaWrite(OTHER, null, null, 0, new LogPosition(2, 1), List.of()));
        again.sync();
        assertThat(after.list()).doesNotContain(Segment.name(1));
        assertThat(log(again, GROUP)).containsExactly(entry(1, 1, 600));
        again.close();
    }

    @Test
    void aCrashAtAnyPointOfTheNewBeginningIsSurvived() throws IOException {
        LogStore store = writeBoth();
        long at = sizeOfLog();
        store.append(term(GROUP, 2));
        store.sync();
        store.append(entries(OTHER, entry(2, 1, 100)));
        store.sync();
        RecoveredReplica old = store.replica(GROUP);
        store.close();
        rot(Segment.name(1), at + 100);
        int crashes = 0;
        for (int point = 1; ; point++) {
            CrashDisk damaged = disk.copy().crashAt(point);
            try (LogStore opened = Samples.open(damaged, 2)) {
                assertThat(opened.replica(GROUP).beganAnew()).isNotNull();
                break;
            } catch (IOException e) {
                crashes++;
            }
            for (int seed = 0; seed < 5; seed++) {
                CrashDisk after = damaged.afterCrash(CrashDisk.Survival.random(new Random(seed)));
                try (LogStore opened = Samples.open(after, 3)) {
                    RecoveredReplica found = opened.replica(GROUP);
                    assertThat(found.beganAnew()).as("point %d", point).isNotNull();
                    assertThat(found.id()).isNotEqualTo(old.id());
                    assertThat(log(opened, OTHER)).containsExactly(entry(2, 1, 100));
                }
            }
        }
        assertThat(crashes).isGreaterThan(5);
    }

    @Test
    void whatTheDiskDoesNotReadIsNotGivenUpForLost() throws IOException {
        LogStore store = writeBoth();
        store.close();
        long last = sizeOfLog() - Blocks.BYTES;
        UnreadableDisk failing = new UnreadableDisk(disk, Segment.name(1), last);
        long operations = disk.operations();
        assertThatThrownBy(() -> Samples.open(failing, 2))
                .hasMessageContaining("STORAGE_FAILED")
                .hasMessageContaining(Segment.name(1) + " at offset " + last)
                .hasMessageContaining("doesn't read");
        assertThat(disk.operations()).isEqualTo(operations);
        try (LogStore opened = Samples.open(disk, 3)) {
            assertThat(opened.replica(GROUP).beganAnew()).isNull();
        }
    }

    @Test
    void aHeaderThatTheDiskDoesNotReadIsNotGivenUpForLost() throws IOException {
        writeBoth().close();
        UnreadableDisk failing = new UnreadableDisk(disk, Segment.name(1), 0);
        long operations = disk.operations();
        assertThatThrownBy(() -> Samples.open(failing, 2))
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e -> assertThat(e.fault().code()).isEqualTo(Fault.Code.STORAGE_FAILED))
                .hasMessageContaining(Segment.name(1) + " at offset 0")
                .hasMessageContaining("doesn't read");
        assertThat(disk.operations()).isEqualTo(operations);
        try (LogStore opened = Samples.open(disk, 3)) {
            assertThat(opened.replica(GROUP).beganAnew()).isNull();
        }
    }

    @Test
    void aHeaderThatTheDiskDoesNotReadCostsEntriesWhereACheckpointComesBehind() throws IOException {
        LogStore store = writeBoth();
        long last = 0;
        while (!disk.list().contains(Segment.name(5))) {
            store.append(entries(GROUP, entry(1, ++last, 3000)));
            store.sync();
        }
        RecoveredReplica other = store.replica(OTHER);
        store.close();
        try (LogStore opened = Samples.open(new UnreadableDisk(disk, Segment.name(2), 0), 2)) {
            RecoveredReplica found = opened.replica(GROUP);
            assertThat(found.beganAnew()).isNull();
            assertThat(found.lastIndex()).isEqualTo(last);
            assertThat(found.damaged()).isNotEmpty();
            assertThat(found.damage().code()).isEqualTo(Fault.Code.STORAGE_FAILED);
            assertThat(opened.replica(OTHER)).isEqualTo(other);
        }
        try (LogStore opened = Samples.open(disk, 3)) {
            assertThat(opened.replica(GROUP).damaged()).as("it is read again").isEmpty();
            assertThat(log(opened, GROUP)).hasSize((int) last);
        }
    }

    @Test
    void randomDamageOfManyGroupsIsToldByEachThatItTouches() throws IOException {
        Set<String> outcomes = new TreeSet<>();
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            CrashDisk whole = new CrashDisk();
            List<GroupId> groups = new ArrayList<>();
            LogStore store = Samples.open(whole, seed);
            for (int i = 0; i < 4; i++) {
                groups.add(GroupId.of("g" + i));
                store.replica(groups.get(i));
            }
            long[] last = new long[4];
            for (int i = 0; i < 40; i++) {
                int which = random.nextInt(4);
                List<Entry> more = new ArrayList<>();
                for (int n = random.nextInt(4); n >= 0; n--) {
                    more.add(entry(1, ++last[which], random.nextInt(900)));
                }
                HardState hard = last[which] == more.size() ? new HardState(1, null) : null;
                store.append(new ReplicaWrite(groups.get(which), null, hard, 0, more));
                if (random.nextBoolean()) {
                    store.sync();
                }
            }
            store.sync();
            List<RecoveredReplica> replicas = new ArrayList<>();
            for (GroupId group : groups) {
                replicas.add(store.replica(group));
            }
            store.close();
            damage(whole, random);
            try (LogStore opened = Samples.open(whole, 99)) {
                for (int i = 0; i < 4; i++) {
                    RecoveredReplica found = opened.replica(groups.get(i));
                    if (found.beganAnew() == null) {
                        outcomes.add(found.damaged().isEmpty() ? "whole" : "entries lost");
                        assertThat(found.hardState()).isEqualTo(replicas.get(i).hardState());
                        assertThat(found.lastIndex()).as("seed %d", seed).isEqualTo(last[i]);
                        assertAllOthersAreThere(opened, groups.get(i), found);
                    } else {
                        outcomes.add("began anew");
                        assertThat(found.lastIndex()).as("seed %d", seed).isZero();
                    }
                }
            }
        }
        assertThat(outcomes).containsExactly("began anew", "entries lost", "whole");
    }

    private static void assertAllOthersAreThere(
            LogStore store, GroupId group, RecoveredReplica found) throws IOException {
        for (long index = 1; index <= found.lastIndex(); index++) {
            if (!found.damaged().contains(new LogPosition(1, index))) {
                assertThat(store.read(group, index, 1).get(0).index()).isEqualTo(index);
            }
        }
    }

    private static void damage(CrashDisk disk, Random random) {
        List<String> segments = disk.list().stream().filter(Segment::isName).toList();
        for (int i = random.nextInt(3); i >= 0; i--) {
            String file = segments.get(random.nextInt(segments.size()));
            byte[] bytes = disk.bytes(file);
            if (bytes.length == 0) {
                continue; // all of it is gone already
            }
            int block = random.nextInt(bytes.length / Blocks.BYTES);
            switch (random.nextInt(3)) {
                case 0 -> bytes[block * Blocks.BYTES + random.nextInt(Blocks.BYTES)] ^= 4;
                case 1 -> {
                    // A block of zeros over the last batch would be what a lost write leaves.
                    byte[] other = new byte[Blocks.BYTES];
                    random.nextBytes(other);
                    System.arraycopy(other, 0, bytes, block * Blocks.BYTES, Blocks.BYTES);
                }
                default -> bytes = Arrays.copyOf(bytes, block * Blocks.BYTES);
            }
            disk.put(file, bytes);
        }
    }
}
