package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The log on a disk that takes no more for a while. */
class FullDiskTest {
    private static final GroupId GROUP = Samples.GROUP;

    private final CrashDisk disk = new CrashDisk();
    private long last;

    private LogStore open(long seed) throws IOException {
        LogStore store = Samples.open(disk, seed);
        last = store.replica(GROUP).lastIndex();
        return store;
    }

    private LogStore opened() throws IOException {
        LogStore store = open(1);
        store.append(Samples.term(GROUP, 1));
        store.sync();
        return store;
    }

    private void append(LogStore store) throws IOException {
        store.append(Samples.entries(GROUP, Samples.entry(1, last + 1, 700)));
        last++;
        store.sync();
    }

    /** Appends until the store refuses. */
    private void fill(LogStore store) {
        assertThatThrownBy(
                        () -> {
                            while (true) {
                                append(store);
                            }
                        })
                .isInstanceOf(DiskFullException.class);
    }

    private static ReplicaWrite vote(long term) {
        ReplicaId other = Samples.replica("n2", 2);
        return new ReplicaWrite(GROUP, null, new HardState(term, other), 0, List.of());
    }

    @Test
    void termsAndVotesAreWrittenIntoTheReserveWhileEntriesAreRefused() throws IOException {
        LogStore store = opened();
        disk.room(CrashDisk.Room.FOR_NO_MORE);
        fill(store);
        assertThat(store.diskFull()).isNotNull();
        assertThat(store.written(GROUP).lastIndex()).isEqualTo(last);
        int votes = Samples.SMALL_SEGMENT / 4 / (2 * Blocks.BYTES) - 1;
        for (int term = 2; term <= 1 + votes; term++) {
            store.append(vote(term));
            store.sync();
        }
        LogStore again = Samples.open(disk.copy().room(CrashDisk.Room.ENOUGH), 2);
        assertThat(again.replica(GROUP).hardState())
                .isEqualTo(new HardState(1 + votes, Samples.replica("n2", 2)));
        assertThat(again.replica(GROUP).lastIndex()).isEqualTo(last);
    }

    @Test
    void whenThereIsRoomTheSameStoreTakesEntriesAgain() throws IOException {
        LogStore store = opened();
        disk.room(CrashDisk.Room.FOR_NO_MORE);
        fill(store);
        store.lookForRoom();
        assertThat(store.diskFull()).as("nothing has changed").isNotNull();
        disk.room(CrashDisk.Room.ENOUGH);
        store.lookForRoom();
        store.lookForRoom(); // finds what the look before has made
        assertThat(store.diskFull()).isNull();
        for (int i = 0; i < 100; i++) {
            append(store);
        }
        store.close();
        assertThat(Samples.log(open(2), GROUP)).hasSize((int) last);
    }

    @Test
    void aFullReserveRefusesAndLosesNothing() throws IOException {
        LogStore store = opened();
        disk.room(CrashDisk.Room.FOR_NO_MORE);
        fill(store);
        long[] term = {1};
        assertThatThrownBy(
                        () -> {
                            while (true) {
                                store.append(vote(term[0] + 1));
                                store.sync();
                                term[0]++;
                            }
                        })
                .isInstanceOf(DiskFullException.class);
        assertThat(store.written(GROUP).hardState().term()).isEqualTo(term[0]);
        disk.room(CrashDisk.Room.ENOUGH);
        store.lookForRoom();
        store.append(vote(term[0] + 1));
        store.sync();
        store.close();
        assertThat(open(2).replica(GROUP).hardState().term()).isEqualTo(term[0] + 1);
    }

    @Test
    void aBatchForWhichThereWasNoRoomIsWrittenAgainAsItWas() throws IOException {
        LogStore store = opened();
        store.append(Samples.entries(GROUP, Samples.entry(1, 1, 3000)));
        disk.room(CrashDisk.Room.NONE);
        for (int tries = 0; tries < 3; tries++) {
            assertThatThrownBy(store::sync).isInstanceOf(DiskFullException.class);
        }
        assertThat(store.diskFull()).isNotNull();
        CrashDisk torn = disk.afterCrash(CrashDisk.Survival.everything());
        assertThat(Samples.open(torn, 3).replica(GROUP).lastIndex()).as("cut").isZero();
        disk.room(CrashDisk.Room.ENOUGH);
        store.sync();
        assertThat(store.diskFull()).isNull();
        store.append(Samples.entries(GROUP, Samples.entry(1, 2, 10)));
        store.sync();
        CrashDisk crashed = disk.afterCrash(CrashDisk.Survival.nothing());
        assertThat(Samples.log(Samples.open(crashed, 2), GROUP))
                .extracting(Entry::index)
                .containsExactly(1L, 2L);
    }

    @Test
    void whatWasBegunOfASegmentIsGivenBack() throws IOException {
        LogStore store = opened();
        store.close();
        DelegatingDisk half = new HalfFull(disk);
        LogStore again =
                FileStorage.on(half, new Random(5))
                        .withSegmentBytes(Samples.SMALL_SEGMENT)
                        .open(Samples.CLUSTER, Samples.NODE);
        last = again.replica(GROUP).lastIndex();
        fill(again);
        assertThat(disk.list()).doesNotContain(SegmentMaker.ASIDE);
    }

    /** Has room for the names of files and for nothing in new ones. */
    private record HalfFull(CrashDisk disk) implements DelegatingDisk {
        @Override
        public Disk.File create(String name) throws IOException {
            Disk.File file = disk.create(name);
            return name.equals(SegmentMaker.ASIDE) ? new Refusing(file) : file;
        }

        private record Refusing(Disk.File file) implements DelegatingDisk.File {
            @Override
            public void write(ByteBuffer source, long position) throws IOException {
                throw new DiskFullException("no room in " + file.name());
            }
        }
    }

    @Test
    void aSegmentThatIsFreedIsTheNextOne() throws IOException {
        LogStore store = opened();
        for (int i = 0; i < 60; i++) {
            append(store);
        }
        disk.room(CrashDisk.Room.FOR_NO_MORE);
        fill(store);
        store.append(
                new ReplicaWrite(
                        GROUP, null, null, 0, new LogPosition(1, last), List.of(), List.of()));
        store.sync();
        store.lookForRoom();
        store.lookForRoom();
        assertThat(store.diskFull()).as("it is made of a spare file").isNull();
        append(store);
    }

    @Test
    void aSnapshotThatDoesNotFitLeavesTheOldOneAndNothingElse() throws IOException {
        LogStore store = opened();
        append(store);
        append(store);
        Samples.snapshot(store, GROUP, new LogPosition(1, 1));
        disk.room(CrashDisk.Room.FOR_NO_MORE);
        assertThatThrownBy(() -> Samples.snapshot(store, GROUP, new LogPosition(1, 2)))
                .isInstanceOf(DiskFullException.class);
        assertThat(store.snapshots().list(GROUP))
                .singleElement()
                .matches(id -> id.position().index() == 1);
        assertThat(disk.list()).noneMatch(SnapshotName::isAside);
        disk.room(CrashDisk.Room.ENOUGH);
        Samples.snapshot(store, GROUP, new LogPosition(1, 2));
        assertThat(store.snapshots().list(GROUP))
                .singleElement()
                .matches(id -> id.position().index() == 2);
    }
}
