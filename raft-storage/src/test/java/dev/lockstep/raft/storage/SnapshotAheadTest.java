package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entries;
import static dev.lockstep.raft.storage.Samples.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A log is opened that doesn't lead on from its group's newest snapshot. */
class SnapshotAheadTest {
    private final CrashDisk disk = new CrashDisk();

    private static LogPosition at(long term, long index) {
        return new LogPosition(term, index);
    }

    private static ReplicaWrite base(LogPosition base) {
        return new ReplicaWrite(GROUP, null, null, 0, base, List.of());
    }

    /** A log of term 3 with so many entries, of which those up to the base are dropped. */
    private LogStore written(int count, long base) throws IOException {
        LogStore store = Samples.open(disk, 1);
        store.replica(GROUP);
        store.append(Samples.term(GROUP, 3));
        for (int index = 1; index <= count; index++) {
            store.append(entries(GROUP, entry(3, index, 100)));
            store.sync();
        }
        if (base > 0) {
            Samples.snapshot(store, GROUP, at(3, base));
            store.append(base(at(3, base)));
            store.sync();
        }
        return store;
    }

    /** What a crash leaves after a fetched snapshot was published, and before the log was cut. */
    private void publish(LogStore store, LogPosition position) throws IOException {
        Samples.snapshot(store, GROUP, position);
        store.close();
    }

    private static void assertGoesOnBehind(CrashDisk disk, LogPosition snapshot)
            throws IOException {
        for (int open = 0; open < 2; open++) {
            try (LogStore store = Samples.open(disk, 2 + open)) {
                RecoveredReplica found = store.replica(GROUP);
                assertThat(found.beganAnew()).isNull();
                assertThat(found.base()).isEqualTo(snapshot);
                assertThat(found.lastIndex()).isEqualTo(snapshot.index() + open);
                store.append(
                        entries(GROUP, entry(snapshot.term(), found.lastIndex() + 1, 10 + open)));
                store.sync();
            }
        }
    }

    @Test
    void aLogThatEndsBeforeItGoesOnBehindIt() throws IOException {
        publish(written(10, 0), at(3, 20));
        assertGoesOnBehind(disk, at(3, 20));
    }

    @Test
    void aLogThatIsInConflictWithItIsDropped() throws IOException {
        LogStore store = written(10, 4);
        store.append(Samples.term(GROUP, 4));
        store.sync();
        publish(store, at(4, 8));
        assertGoesOnBehind(disk, at(4, 8));
    }

    @Test
    void aSingleEntryThatIsInConflictWithItIsDropped() throws IOException {
        LogStore store = written(5, 4);
        store.append(Samples.term(GROUP, 4));
        store.sync();
        publish(store, at(4, 5));
        assertGoesOnBehind(disk, at(4, 5));
    }

    @Test
    void aLogWithoutEntriesGoesOnBehindIt() throws IOException {
        publish(written(5, 5), at(3, 8));
        assertGoesOnBehind(disk, at(3, 8));
    }

    /** Whoever asks for the replica builds on it, so a crash may not bring the old log back. */
    @Test
    void thatTheLogGoesOnBehindItIsDurableBeforeAnybodyIsToldOfIt() throws IOException {
        publish(written(10, 0), at(3, 20));
        LogStore store = Samples.open(disk, 2);
        store.replica(GROUP);
        CrashDisk crashed = disk.afterCrash(CrashDisk.Survival.nothing());
        crashed.remove(SnapshotName.published(GROUP, at(3, 20)));
        try (LogStore again = Samples.open(crashed, 3)) {
            assertThat(again.replica(GROUP).beganAnew().message()).contains("it is missing");
        }
    }

    /** A log of ten entries in which some were found damaged when it was opened. */
    private LogStore damaged(LogPosition snapshot, int... indexes) throws IOException {
        LogStore store = written(10, 0);
        Samples.snapshot(store, GROUP, snapshot);
        store.close();
        for (int index : indexes) {
            // Each entry is a batch of its own, and its payload is found as it was written.
            byte[] payload = new byte[20];
            entry(3, index, 100).payload().asByteBuffer().get(payload);
            flip(payload);
        }
        return Samples.open(disk, 2);
    }

    private void flip(byte[] part) {
        byte[] segment = disk.bytes(Segment.name(1));
        for (int at = 0; at + part.length <= segment.length; at++) {
            if (Arrays.equals(segment, at, at + part.length, part, 0, part.length)) {
                disk.flip(Segment.name(1), at);
                return;
            }
        }
        throw new AssertionError("it isn't there");
    }

    @Test
    void aSnapshotStandsForTheDamagedEntriesUpToItAndForNoOthers() throws IOException {
        LogStore store = damaged(at(3, 5), 2, 5, 7);
        RecoveredReplica found = store.replica(GROUP);
        assertThat(found.base()).isEqualTo(at(3, 5));
        assertThat(found.damaged()).containsExactly(at(3, 7));
        assertThat(store.read(GROUP, 6, 1)).containsExactly(entry(3, 6, 100));
        assertThatThrownBy(() -> store.read(GROUP, 7, 1)).isInstanceOf(StorageException.class);
        CrashDisk crashed = disk.afterCrash(CrashDisk.Survival.nothing());
        crashed.remove(SnapshotName.published(GROUP, at(3, 5)));
        try (LogStore again = Samples.open(crashed, 3)) {
            assertThat(again.replica(GROUP).beganAnew().message())
                    .as("they were dropped, durably")
                    .contains("it is missing");
        }
    }

    @Test
    void onlyWhatIsDamagedAndWhatStandsBeforeItIsDroppedForASnapshot() throws IOException {
        try (LogStore store = damaged(at(3, 5), 2)) {
            RecoveredReplica found = store.replica(GROUP);
            assertThat(found.base()).isEqualTo(at(3, 2));
            assertThat(found.damaged()).isEmpty();
            assertThat(store.read(GROUP, 3, 1)).containsExactly(entry(3, 3, 100));
        }
    }

    /** The log begins behind a snapshot that is damaged. */
    private void damageTheSnapshot() throws IOException {
        written(40, 40).close();
        disk.flip(SnapshotName.published(GROUP, at(3, 40)), 3);
    }

    @Test
    void whoBeginsAnewForWantOfASnapshotIsTheSameOneFromThenOn() throws IOException {
        damageTheSnapshot();
        UUID before;
        UUID anew;
        try (LogStore store = Samples.open(disk, 5)) {
            RecoveredReplica found = store.replica(GROUP);
            assertThat(found.beganAnew().code()).isEqualTo(Fault.Code.SNAPSHOT_CORRUPT);
            assertThat(store.written(GROUP).lastIndex()).isZero();
            anew = found.id().incarnation();
            assertThat(store.replica(GROUP).id().incarnation()).isEqualTo(anew);
        }
        CrashDisk crashed = disk.afterCrash(CrashDisk.Survival.nothing());
        try (LogStore store = Samples.open(crashed, 6)) {
            before = store.replica(GROUP).id().incarnation();
        }
        assertThat(before).isEqualTo(anew);
    }

    /** What was of the replica before is kept under other names once nothing else needs it. */
    @Test
    void whatHeldTheReplicaBeforeIsKeptAsideWhenItIsNeededNoMoreAndNothingElseIs()
            throws IOException {
        damageTheSnapshot();
        LogStore store = Samples.open(disk, 5);
        store.replica(GROUP);
        List<String> held = disk.list().stream().filter(Segment::isName).toList();
        store.append(Samples.term(GROUP, 9));
        long last = 0;
        for (int i = 0; i < 60; i++) {
            store.append(entries(GROUP, entry(9, ++last, 700)));
            store.sync();
        }
        Samples.snapshot(store, GROUP, at(9, last));
        store.append(base(at(9, last)));
        store.sync();
        CrashDisk crashed = disk.afterCrash(CrashDisk.Survival.nothing());
        List<String> kept =
                crashed.list().stream().filter(name -> name.startsWith("damaged-wal")).toList();
        // The last that was there is the one in which it went on, which had been made ahead.
        assertThat(kept)
                .containsExactlyElementsOf(
                        held.subList(0, held.size() - 2).stream()
                                .map(name -> Segment.KEPT_PREFIX + name)
                                .toList());
        assertThat(crashed.list()).doesNotContainAnyElementsOf(held);
    }

    @Test
    void whereThereIsNoRoomToBeginAnewNothingHasChangedAndItIsTriedAgain() throws IOException {
        damageTheSnapshot();
        Deque<Runnable> work = new ArrayDeque<>();
        LogStore full =
                FileStorage.on(withoutWhatWasMadeAhead(), new Random(5), work::add)
                        .withSegmentBytes(Samples.SMALL_SEGMENT)
                        .open(Samples.CLUSTER, Samples.NODE);
        disk.room(CrashDisk.Room.FOR_NO_MORE);
        work.forEach(Runnable::run);
        work.clear();
        assertThatThrownBy(() -> full.replica(GROUP)).isInstanceOf(DiskFullException.class);
        assertThat(full.written(GROUP).base()).as("as before").isEqualTo(at(3, 40));
        disk.room(CrashDisk.Room.ENOUGH);
        full.lookForRoom();
        work.forEach(Runnable::run);
        assertThat(full.replica(GROUP).beganAnew()).isNotNull();
        assertThat(full.written(GROUP).base()).isEqualTo(LogPosition.ZERO);
    }

    private CrashDisk withoutWhatWasMadeAhead() {
        for (String name : disk.list()) {
            ByteBuffer bytes = ByteBuffer.wrap(disk.bytes(name));
            if (name.endsWith(".spare")
                    || Segment.isName(name) && new Blocks(bytes).generation(1) == 0) {
                disk.remove(name);
            }
        }
        return disk;
    }

    @Test
    void aCopyOfADamagedConfigurationIsKnownAsThat() throws IOException {
        Entry configuration =
                new Entry(3, 4, EntryKind.CONFIGURATION, 5, Payload.of("who are its members"));
        LogStore store = written(3, 0);
        store.append(entries(GROUP, configuration));
        store.sync();
        store.append(entries(GROUP, entry(3, 5, 100)));
        store.sync();
        store.close();
        byte[] payload = new byte["who are its members".length()];
        configuration.payload().asByteBuffer().get(payload);
        flip(payload);
        LogStore opened = Samples.open(disk, 2);
        assertThat(opened.replica(GROUP).damaged()).containsExactly(at(3, 4));
        assertThat(opened.replica(GROUP).configurations()).isEmpty();
        opened.append(
                new ReplicaWrite(GROUP, null, null, 0, null, List.of(configuration), List.of()));
        opened.sync();
        assertThat(opened.replica(GROUP).configurations()).containsExactly(configuration);
        assertThat(opened.read(GROUP, 4, 1)).containsExactly(configuration);
        opened.close();
    }
}
