package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entry;
import static dev.lockstep.raft.storage.Samples.replica;
import static dev.lockstep.raft.storage.Samples.term;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Damage, and a crash while the log is opened behind it, or damage where a crash was. */
class DamageThenCrashTest {
    private static final GroupId OTHER = GroupId.of("other");
    private static final HardState VOTED = new HardState(3, replica("n3", 3));

    private final CrashDisk disk = new CrashDisk();

    /** Two batches; the last one holds a vote and two entries. */
    private void write() throws IOException {
        try (LogStore store = Samples.open(disk, 1)) {
            store.replica(GROUP);
            HardState first = new HardState(2, replica("n2", 2));
            store.append(
                    new ReplicaWrite(
                            GROUP, Samples.founding(true), first, 0, List.of(entry(1, 1, 600))));
            store.sync();
            store.append(
                    new ReplicaWrite(
                            GROUP, null, VOTED, 0, List.of(entry(3, 2, 1500), entry(3, 3, 300))));
            store.sync();
        }
    }

    private int endOfLog() {
        byte[] bytes = disk.bytes(Segment.name(1));
        int end = bytes.length;
        while (bytes[end - 1] == 0) {
            end--;
        }
        return (end + Blocks.BYTES - 1) / Blocks.BYTES;
    }

    /** A replica that isn't the same member any more, or knows all that it promised. */
    private static void assertPromisesAreKept(RecoveredReplica found, String what) {
        if (found.beganAnew() == null) {
            assertThat(found.hardState()).as(what).isEqualTo(VOTED);
            assertThat(found.lastIndex()).as(what).isEqualTo(3);
        }
    }

    @Test
    void whatStandsForABlockThatNobodyReadsAsTheRefusalAdvisesIsDamage() throws IOException {
        write();
        byte[] whole = disk.bytes(Segment.name(1));
        int end = endOfLog();
        for (int block = 1; block < end; block++) {
            byte[] copied = whole.clone();
            Arrays.fill(copied, block * Blocks.BYTES, (block + 1) * Blocks.BYTES, (byte) 255);
            try (LogStore store = Samples.open(disk.copy().put(Segment.name(1), copied), 2)) {
                assertPromisesAreKept(store.replica(GROUP), "block " + block);
            }
        }
    }

    @Test
    void aCrashWhileTheLogIsOpenedBehindADamagedEntryOverwritesNothing() throws IOException {
        write();
        disk.flip(Segment.name(1), (endOfLog() - 4) * Blocks.BYTES + 100);
        try (LogStore store = Samples.open(disk.copy(), 2)) {
            assertThat(store.replica(GROUP).damaged()).containsExactly(new LogPosition(3, 2));
        }
        int crashes = 0;
        for (int point = 1; ; point++) {
            CrashDisk damaged = disk.copy().crashAt(point);
            try {
                Samples.open(damaged, 2).close();
                break;
            } catch (IOException e) {
                crashes++;
            }
            for (int seed = 0; seed < 6; seed++) {
                CrashDisk after =
                        damaged.afterCrash(
                                seed == 0
                                        ? CrashDisk.Survival.nothing()
                                        : CrashDisk.Survival.random(new Random(seed)));
                String where = "point " + point + ", seed " + seed;
                try (LogStore store = Samples.open(after, 3)) {
                    assertPromisesAreKept(store.replica(GROUP), where);
                    store.append(term(GROUP, 4));
                    store.sync();
                }
                try (LogStore store = Samples.open(after, 4)) {
                    RecoveredReplica found = store.replica(GROUP);
                    assertThat(found.beganAnew()).as(where).isNull();
                    assertThat(found.hardState().term()).as(where).isEqualTo(4);
                    assertThat(found.lastIndex()).as(where).isEqualTo(3);
                    assertThat(found.damaged()).as(where).containsExactly(new LogPosition(3, 2));
                }
            }
        }
        assertThat(crashes).isGreaterThan(5);
    }

    /** What comes behind half a checkpoint is repeated by nothing. */
    @Test
    void theLogDoesNotGoOnBehindHalfACheckpoint() throws IOException {
        int groups = 40; // more than one batch of a checkpoint holds
        GroupId group = GroupId.of("g7");
        try (LogStore store = Samples.open(disk, 1)) {
            for (int i = 0; i < groups; i++) {
                GroupId each = GroupId.of("g" + i);
                store.replica(each);
                store.append(
                        new ReplicaWrite(
                                each,
                                Samples.founding(true),
                                new HardState(2, null),
                                0,
                                List.of()));
            }
            store.sync();
        }
        int crashes = 0;
        for (int point = 1; ; point++) {
            CrashDisk rolling = disk.copy();
            SharedLog rolled = (SharedLog) Samples.open(rolling, 2);
            rolled.limitBatches(8);
            rolling.crashAt(rolling.operations() + point);
            try {
                rolled.beginSegment();
                break;
            } catch (IOException e) {
                crashes++;
            }
            CrashDisk after = rolling.afterCrash(CrashDisk.Survival.nothing());
            voteAndRot(after, group);
            try (LogStore store = Samples.open(after, 4)) {
                RecoveredReplica found = store.replica(group);
                assertThat(found.beganAnew() != null || found.hardState().term() == 7)
                        .as("point %d: %s", point, found.hardState())
                        .isTrue();
            }
        }
        assertThat(crashes).isGreaterThan(10);
    }

    /** The batch that holds the vote is damaged, and others are behind it. */
    private static void voteAndRot(CrashDisk disk, GroupId group) throws IOException {
        CrashDisk before;
        CrashDisk voted;
        try (LogStore store = Samples.open(disk, 3)) {
            before = disk.copy();
            HardState vote = new HardState(7, replica("n2", 2));
            store.append(new ReplicaWrite(group, null, vote, 0, List.of()));
            store.sync();
            voted = disk.copy();
            store.append(term(GroupId.of("g8"), 7));
            store.sync();
        }
        for (String name : before.list()) {
            int at =
                    Segment.isName(name)
                            ? Arrays.mismatch(before.bytes(name), voted.bytes(name))
                            : -1;
            if (at >= 0) {
                disk.flip(name, at / Blocks.BYTES * Blocks.BYTES + 112);
            }
        }
    }

    @Test
    void aGroupOfWhichOnlyTheKeyIsLeftCostsTheOthersNothing() throws IOException {
        byte[] before;
        int at;
        try (LogStore store = Samples.open(disk, 1)) {
            store.replica(OTHER);
            store.append(
                    new ReplicaWrite(
                            OTHER, Samples.founding(true), new HardState(2, null), 0, List.of()));
            store.sync();
            before = disk.bytes(Segment.name(1));
            store.replica(GROUP);
            at = Arrays.mismatch(before, disk.bytes(Segment.name(1)));
            store.append(term(OTHER, 4));
            store.sync();
        }
        disk.flip(Segment.name(1), at / Blocks.BYTES * Blocks.BYTES + 122);
        for (long life = 2; life <= 4; life++) {
            try (LogStore store = Samples.open(disk, life)) {
                assertThat(store.replica(OTHER).beganAnew()).isNull();
                GroupId fresh = GroupId.of("fresh" + life);
                assertThat(store.replica(fresh).beganAnew()).as("life %d", life).isNull();
                ((SharedLog) store).beginSegment(); // what is known of it is said again
            }
        }
        for (long life = 5; life <= 6; life++) {
            try (LogStore store = Samples.open(disk, life)) {
                assertThat(store.replica(GROUP).beganAnew()).as("life %d", life).isNotNull();
            }
        }
    }
}
