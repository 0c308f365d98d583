package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A host is started while its disk is full. */
class FullDiskOpeningTest {
    private final CrashDisk disk = new CrashDisk();

    private static void append(LogStore store) throws IOException {
        long next = store.written(GROUP).lastIndex() + 1;
        store.append(Samples.entries(GROUP, Samples.entry(1, next, 700)));
        store.sync();
    }

    private static ReplicaWrite vote(long term) {
        HardState vote = new HardState(term, Samples.replica("n2", 2));
        return new ReplicaWrite(GROUP, null, vote, 0, List.of());
    }

    /** Filled until no more entries are taken, and closed. */
    private void fill() throws IOException {
        LogStore store = Samples.open(disk, 1);
        store.replica(GROUP);
        store.append(Samples.term(GROUP, 1));
        store.sync();
        disk.room(CrashDisk.Room.FOR_NO_MORE);
        assertThatThrownBy(
                        () -> {
                            while (true) {
                                append(store);
                            }
                        })
                .isInstanceOf(DiskFullException.class);
        store.close();
    }

    @Test
    void aHostStartsOnAFullDiskVotesFromTheReserveAndTakesEntriesWhenThereIsRoom()
            throws IOException {
        fill();
        HostIdentity before = null;
        for (int life = 2; life <= 4; life++) {
            try (LogStore store = Samples.open(disk, life)) {
                assertThat(store.identity().boot()).isEqualTo(life);
                assertThat(store.identity()).isNotEqualTo(before);
                before = store.identity();
                assertThat(store.replica(GROUP).beganAnew()).isNull();
                assertThat(store.diskFull()).as("what the status says").isNotNull();
                store.append(vote(life));
                store.sync();
                assertThatThrownBy(() -> append(store)).isInstanceOf(DiskFullException.class);
            }
            assertThat(disk.list()).noneMatch(name -> name.endsWith(".tmp"));
        }
        LogStore store = Samples.open(disk, 5);
        assertThat(store.replica(GROUP).hardState())
                .isEqualTo(new HardState(4, Samples.replica("n2", 2)));
        disk.room(CrashDisk.Room.ENOUGH);
        store.lookForRoom();
        store.lookForRoom(); // finds what the look before has made
        assertThat(store.diskFull()).isNull();
        long last = store.written(GROUP).lastIndex();
        for (int i = 0; i < 60; i++) {
            append(store);
        }
        store.close();
        try (LogStore again = Samples.open(disk, 6)) {
            assertThat(again.replica(GROUP).lastIndex()).isEqualTo(last + 60);
        }
    }

    @Test
    void atWhicheverPointOfAnOpeningTheDiskIsFullTheHostStarts() throws IOException {
        fill();
        disk.room(CrashDisk.Room.ENOUGH);
        for (long point = 1; ; point++) {
            CrashDisk filling = disk.copy().fullAt(point);
            boolean fits;
            HostIdentity told;
            try (LogStore store = Samples.open(filling, 2)) {
                told = store.identity();
                fits = store.diskFull() == null;
                store.append(vote(5));
                store.sync();
            }
            CrashDisk after = filling.afterCrash(CrashDisk.Survival.nothing());
            try (LogStore store = Samples.open(after, 3)) {
                assertThat(store.identity().boot()).isGreaterThan(told.boot());
                assertThat(store.replica(GROUP).hardState().term()).isEqualTo(5);
            }
            if (fits) {
                assertThat(point).as("points").isGreaterThan(8);
                return;
            }
        }
    }

    @Test
    void aCrashAtAnyPointOfAnOpeningOnAFullDiskIsSurvivedAndNoBootIsTwoStarts() throws IOException {
        fill();
        int crashes = 0;
        for (int point = 1; ; point++) {
            CrashDisk crashing = disk.copy().room(CrashDisk.Room.FOR_NO_MORE).crashAt(point);
            boolean started = false;
            try {
                Samples.open(crashing, 2).close();
                started = true;
            } catch (IOException e) {
                crashes++;
            }
            for (int seed = 0; seed < 6; seed++) {
                CrashDisk.Survival chosen =
                        seed == 0
                                ? CrashDisk.Survival.nothing()
                                : CrashDisk.Survival.random(new Random(seed));
                CrashDisk after = crashing.afterCrash(chosen).room(CrashDisk.Room.FOR_NO_MORE);
                try (LogStore store = Samples.open(after, 3)) {
                    assertThat(store.replica(GROUP).beganAnew()).isNull();
                    assertThat(store.replica(GROUP).hardState().term()).isEqualTo(1);
                    assertThat(store.identity().boot()).isGreaterThanOrEqualTo(started ? 3 : 2);
                }
            }
            if (started) {
                assertThat(crashes).isGreaterThan(3);
                return;
            }
        }
    }

    @Test
    void aFirstStartOnAFullDiskSaysWhatToDoAndLaterGoesOn() throws IOException {
        for (long point = 1; ; point++) {
            CrashDisk filling = new CrashDisk().fullAt(point);
            try (LogStore store = Samples.open(filling, 1)) {
                assertThat(store.replica(GROUP).lastIndex()).isZero();
                assertThat(point).isGreaterThan(5);
                return;
            } catch (StorageException e) {
                assertThat(e.fault().code()).isEqualTo(Fault.Code.DISK_FULL);
                assertThat(e).hasMessageContaining("Make room");
            }
            filling.fullAt(Long.MAX_VALUE);
            try (LogStore store = Samples.open(filling, 2)) {
                assertThat(store.replica(GROUP).lastIndex()).isZero();
            }
        }
    }

    @Test
    void aHostIsNotStartedOnAReadOnlyDiskAndLosesNothingByTrying() throws IOException {
        fill();
        disk.room(CrashDisk.Room.NONE);
        assertThatThrownBy(() -> Samples.open(disk, 2))
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e -> assertThat(e.fault().code()).isEqualTo(Fault.Code.DISK_FULL));
        disk.room(CrashDisk.Room.ENOUGH);
        try (LogStore store = Samples.open(disk, 3)) {
            assertThat(store.replica(GROUP).lastIndex()).isPositive();
        }
    }
}
