package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.spi.LogStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long SECOND = 1_000_000_000;

    private final AtomicLong now = new AtomicLong(7);

    /** Whoever waits is woken halfway, again and again. */
    private Pace pace(long bytesPerSecond) {
        return new Pace(bytesPerSecond, now::get, nanos -> now.addAndGet((nanos + 1) / 2));
    }

    @Test
    void whatIsWrittenTakesAsLongAsTheLimitSays() {
        Pace pace = pace(1_000);
        for (int i = 0; i < 10; i++) {
            pace.wrote(500);
        }
        assertThat(now.get() - 7).isEqualTo(5 * SECOND);
    }

    @Test
    void timeInWhichNothingWasWrittenIsNotSavedUp() {
        Pace pace = pace(1_000);
        now.addAndGet(60 * SECOND);
        pace.wrote(1_000);
        pace.wrote(1_000);
        assertThat(now.get() - 7).isEqualTo(62 * SECOND);
    }

    /** Of the files of a disk only snapshots that are being made wait. */
    @Test
    void snapshotsAreWrittenAtThePaceAndTheLogIsNot() throws IOException {
        PacedDisk disk = new PacedDisk(new CrashDisk(), pace(1_000));
        ByteBuffer bytes = ByteBuffer.allocate(2_000);
        for (String name : List.of("wal-next.tmp", "identity.tmp")) {
            try (Disk.File file = disk.create(name)) {
                file.write(bytes.duplicate(), 0);
            }
        }
        assertThat(now.get()).isEqualTo(7);
        GroupId group = GroupId.of("g");
        for (String name : List.of(SnapshotName.taken(group), SnapshotName.fetched(group))) {
            try (Disk.File file = disk.create(name)) {
                file.write(bytes.duplicate(), 0);
                assertThat(file.size()).isEqualTo(2_000);
            }
        }
        assertThat(now.get() - 7).isEqualTo(4 * SECOND);
    }

    @Test
    void aHostOnItLosesNothingThatAHostWithoutItWouldKeep() throws IOException {
        CrashDisk disk = new CrashDisk();
        PacedDisk paced = new PacedDisk(disk, pace(1_000_000));
        assertThat(paced).hasToString("simulated disk");
        LogPosition position = new LogPosition(1, 3);
        try (LogStore store = Samples.open(paced, 1)) {
            assertThatThrownBy(() -> Samples.open(paced, 2))
                    .hasMessageContaining("DIRECTORY_LOCKED");
            store.replica(Samples.GROUP);
            store.append(Samples.term(Samples.GROUP, 1));
            for (int i = 1; i <= 60; i++) {
                store.append(Samples.entries(Samples.GROUP, Samples.entry(1, i, 700)));
                store.sync();
            }
            Samples.snapshot(store, Samples.GROUP, new LogPosition(1, 2));
            Samples.snapshot(store, Samples.GROUP, position);
            store.snapshots().delete(Samples.GROUP, new LogPosition(1, 2));
            assertThat(now.get()).as("snapshots take their time").isGreaterThan(7);
        }
        CrashDisk found = disk.afterCrash(versions -> 0);
        try (LogStore store = Samples.open(found, 3)) {
            assertThat(store.replica(Samples.GROUP).lastIndex()).isEqualTo(60);
            assertThat(store.snapshots().list(Samples.GROUP))
                    .extracting(SnapshotId::position)
                    .containsExactly(position);
        }
        try (LogStore store = Samples.open(new PacedDisk(found, pace(1_000_000)), 4)) {
            assertThat(store.replica(Samples.GROUP).lastIndex()).isEqualTo(60);
        }
    }

    @Test
    void whatIsBeingMadeIsReadSyncedAndClosedAsOthersAre() throws IOException {
        CrashDisk disk = new CrashDisk();
        String name = SnapshotName.taken(Samples.GROUP);
        AtomicLong closed = new AtomicLong();
        DelegatingDisk watched =
                new DelegatingDisk() {
                    @Override
                    public Disk disk() {
                        return disk;
                    }

                    @Override
                    public long usableBytes() {
                        return 77;
                    }

                    @Override
                    public Disk.File create(String created) throws IOException {
                        Disk.File file = disk.create(created);
                        return new DelegatingDisk.File() {
                            @Override
                            public Disk.File file() {
                                return file;
                            }

                            @Override
                            public void close() throws IOException {
                                closed.incrementAndGet();
                                file.close();
                            }
                        };
                    }
                };
        PacedDisk paced = new PacedDisk(watched, pace(1_000));
        assertThat(paced.usableBytes()).isEqualTo(77);
        Disk.File file = paced.create(name);
        file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
        file.sync();
        paced.syncDirectory();
        ByteBuffer back = ByteBuffer.allocate(3);
        assertThat(file.read(back, 0)).isEqualTo(3);
        assertThat(file.name()).isEqualTo(name);
        file.close();
        assertThat(closed).hasValue(1);
        assertThat(disk.afterCrash(versions -> 0).bytes(name)).containsExactly(1, 2, 3);
    }

    @Test
    void aPaceBelowNothingIsRefused() throws IOException {
        FileStorage storage =
                FileStorage.on(new CrashDisk(), new Random(1))
                        .withSegmentBytes(Samples.SMALL_SEGMENT);
        assertThatThrownBy(() -> storage.withSnapshotBytesPerSecond(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
        for (long pace : new long[] {0, 1 << 20}) {
            FileStorage paced = storage.withSnapshotBytesPerSecond(pace);
            try (LogStore store = paced.open(Samples.CLUSTER, Samples.NODE)) {
                if (store.replica(Samples.GROUP).hardState().term() == 0) {
                    store.append(Samples.term(Samples.GROUP, 1));
                    store.sync();
                }
                Samples.snapshot(store, Samples.GROUP, new LogPosition(1, 2 + pace));
            }
        }
    }

    @Test
    void whoIsInterruptedDoesNotWait() {
        Pace pace = pace(1);
        Thread.currentThread().interrupt();
        pace.wrote(1_000_000);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(now.get()).isEqualTo(7);
    }
}
