package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import dev.lockstep.raft.spi.SnapshotReader;
import dev.lockstep.raft.spi.SnapshotSection;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A snapshot's file is damaged after it was published: an older one takes its place where there is
 * one from which the log leads on, or the log where that is whole; else the replica begins anew.
 * Wrong state is never handed out, and nothing is erased.
 */
class DamagedSnapshotTest {
    private static final long TERM = 3;
    private static final long OLDER = 4;
    private static final long NEWER = 8;
    private static final long LAST = 10;

    /** The state machine's part, and how it is checked. */
    private static final int STATE_BYTES = 70_000;

    private static LogPosition at(long index) {
        return new LogPosition(TERM, index);
    }

    private static String name(long index) {
        return SnapshotName.published(Samples.GROUP, at(index));
    }

    /** Ten entries, a snapshot of eight of them, perhaps an older one, and the log cut. */
    private static CrashDisk disk(boolean older, long base) throws IOException {
        CrashDisk disk = new CrashDisk();
        try (LogStore store = Samples.open(disk, 1)) {
            store.replica(Samples.GROUP);
            List<Entry> entries = new ArrayList<>();
            for (long index = 1; index <= LAST; index++) {
                entries.add(Samples.entry(TERM, index, 100));
            }
            HardState term = new HardState(TERM, null);
            store.append(
                    new ReplicaWrite(
                            Samples.GROUP, Samples.founding(true), term, 0, List.copyOf(entries)));
            if (older) {
                take(store, OLDER);
            }
            take(store, NEWER);
            if (base > 0) {
                store.append(new ReplicaWrite(Samples.GROUP, null, null, 0, at(base), List.of()));
            }
            store.sync();
        }
        return disk.afterCrash(CrashDisk.Survival.nothing());
    }

    private static void take(LogStore store, long index) throws IOException {
        SnapshotMeta meta = new SnapshotMeta(at(index), 0, Samples.founding(true).initial(), 2_000);
        SnapshotId unusedId =
                store.snapshots()
                        .write(
                                Samples.GROUP,
                                meta,
                                out -> {
                                    DataOutputStream data =
                                            new DataOutputStream(
                                                    out.section(SnapshotSection.APPLICATION));
                                    data.writeLong(index);
                                    data.write(new byte[STATE_BYTES]);
                                });
    }

    private static byte[] bytes(Disk disk, String name) throws IOException {
        try (Disk.File file = disk.open(name)) {
            ByteBuffer all = ByteBuffer.allocate((int) file.size());
            file.read(all, 0);
            return all.array();
        }
    }

    private static CrashDisk damaged(CrashDisk disk, String name, UnaryOperator<byte[]> damage)
            throws IOException {
        byte[] bytes = damage.apply(bytes(disk, name));
        disk.delete(name);
        try (Disk.File file = disk.create(name)) {
            file.write(ByteBuffer.wrap(bytes), 0);
            file.sync();
        }
        disk.syncDirectory();
        return disk.afterCrash(CrashDisk.Survival.nothing());
    }

    private static UnaryOperator<byte[]> flip(int at) {
        return bytes -> {
            byte[] flipped = bytes.clone();
            flipped[at] ^= 0x10;
            return flipped;
        };
    }

    private static UnaryOperator<byte[]> cut(int size) {
        return bytes -> java.util.Arrays.copyOf(bytes, size);
    }

    /**
     * Every byte of the head, of the ends of each frame and of the file's end, and some between.
     */
    private static List<UnaryOperator<byte[]>> damages(int size) {
        List<UnaryOperator<byte[]>> all = new ArrayList<>();
        for (int at = 0; at < size; at += at < 300 || at > size - 100 ? 1 : 997) {
            all.add(flip(at));
            all.add(cut(at));
        }
        all.add(cut(size + 1));
        return all;
    }

    /** Opens the replica and reads its snapshot to the end, as restoring it does. */
    private static long restored(CrashDisk disk) throws IOException {
        try (LogStore store = Samples.open(disk, 9)) {
            RecoveredReplica replica = store.replica(Samples.GROUP);
            SnapshotMeta meta = replica.snapshot();
            List<SnapshotId> all = store.snapshots().list(Samples.GROUP);
            SnapshotId id = all.get(all.size() - 1);
            assertThat(id.position()).isEqualTo(meta.position());
            try (InputStream in = store.snapshots().open(Samples.GROUP, id)) {
                SnapshotReader reader = new SnapshotReader(in, "test");
                DataInputStream state =
                        new DataInputStream(reader.section(SnapshotSection.APPLICATION));
                long index = state.readLong();
                assertThat(state.readAllBytes()).isEqualTo(new byte[STATE_BYTES]);
                assertThat(reader.finish()).isEqualTo(id);
                assertThat(index).isEqualTo(meta.position().index());
            }
            long next = meta.position().index() + 1;
            assertThat(replica.base().index()).isLessThan(next);
            assertThat(store.read(Samples.GROUP, next, 1 << 20))
                    .first()
                    .isEqualTo(Samples.entry(TERM, next, 100));
            assertThat(replica.lastIndex()).isEqualTo(LAST);
            return meta.position().index();
        }
    }

    @Tag("slow")
    @Test
    void withoutAnySnapshotThatIsWholeTheReplicaBeginsAnew() throws IOException {
        CrashDisk whole = disk(false, NEWER);
        UUID incarnation;
        try (LogStore store = Samples.open(disk(false, NEWER), 3)) {
            incarnation = store.replica(Samples.GROUP).id().incarnation();
        }
        int size = bytes(whole, name(NEWER)).length;
        for (UnaryOperator<byte[]> damage : damages(size)) {
            CrashDisk disk = damaged(disk(false, NEWER), name(NEWER), damage);
            if (foundWhenRestored(disk)) {
                try (LogStore store = Samples.open(disk, 8)) {
                    store.snapshots().setAside(Samples.GROUP, at(NEWER)); // as who restores does
                }
            }
            assertThat(begunAnew(disk)).isNotEqualTo(incarnation).isEqualTo(begunAnew(disk));
            assertThat(disk.list()).contains(Segment.KEPT_PREFIX + name(NEWER));
        }
    }

    /** What is in the midst of a file is read when the state is restored. */
    private static boolean foundWhenRestored(CrashDisk disk) throws IOException {
        try (LogStore store = Samples.open(disk, 9)) {
            if (store.replica(Samples.GROUP).snapshot() == null) {
                return false;
            }
        }
        assertThatThrownBy(() -> restored(disk))
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e -> assertThat(e.fault().code()).isEqualTo(Fault.Code.SNAPSHOT_CORRUPT));
        return true;
    }

    /** The incarnation of the replica that has begun anew. */
    private static UUID begunAnew(CrashDisk disk) throws IOException {
        try (LogStore store = Samples.open(disk, 10)) {
            RecoveredReplica replica = store.replica(Samples.GROUP);
            assertThat(replica.snapshot()).isNull();
            assertThat(replica.hardState()).isEqualTo(HardState.INITIAL);
            assertThat(replica.lastIndex()).isZero();
            assertThat(replica.beganAnew().code()).isEqualTo(Fault.Code.SNAPSHOT_CORRUPT);
            assertThat(replica.beganAnew().message()).contains("snap");
            return replica.id().incarnation();
        }
    }

    @Test
    void whereTheLogIsWholeFromTheBeginningNoSnapshotIsNeeded() throws IOException {
        CrashDisk disk = damaged(disk(false, 0), name(NEWER), flip(3));
        try (LogStore store = Samples.open(disk, 9)) {
            RecoveredReplica replica = store.replica(Samples.GROUP);
            assertThat(replica.snapshot()).isNull();
            assertThat(replica.beganAnew()).isNull();
            assertThat(store.read(Samples.GROUP, 1, 1 << 20)).hasSize((int) LAST);
        }
    }

    @Tag("slow")
    @Test
    void anOlderOneFromWhichTheLogLeadsOnTakesItsPlace() throws IOException {
        int size = bytes(disk(true, OLDER), name(NEWER)).length;
        for (UnaryOperator<byte[]> damage : damages(size)) {
            CrashDisk disk = damaged(disk(true, OLDER), name(NEWER), damage);
            assertThat(restored(disk)).isEqualTo(OLDER);
            assertThat(restored(disk)).as("and again").isEqualTo(OLDER);
        }
    }

    @Test
    void theNewestThatIsWholeIsTakenAndTheOthersAreDeleted() throws IOException {
        CrashDisk disk = damaged(disk(true, OLDER), name(OLDER), flip(900));
        assertThat(restored(disk)).isEqualTo(NEWER);
        assertThat(disk.list()).contains(name(NEWER)).doesNotContain(name(OLDER));
    }

    /** The log begins behind the newer one: from the older one nothing leads on. */
    @Test
    void anOlderOneThatIsNotFollowedByTheLogIsOfNoUse() throws IOException {
        CrashDisk disk = damaged(disk(true, NEWER), name(NEWER), flip(3));
        UUID unusedIncarnation = begunAnew(disk);
        assertThat(disk.list())
                .contains(Segment.KEPT_PREFIX + name(NEWER), Segment.KEPT_PREFIX + name(OLDER));
    }

    @Test
    void whereBothAreDamagedTheNewerIsNamed() throws IOException {
        CrashDisk disk = damaged(disk(true, OLDER), name(NEWER), flip(3));
        CrashDisk both = damaged(disk, name(OLDER), flip(3));
        try (LogStore store = Samples.open(both, 9)) {
            assertThat(store.replica(Samples.GROUP).beganAnew().message()).contains(name(NEWER));
        }
    }

    @Test
    void theNextSnapshotTakesThePlaceOfTheDamagedOne() throws IOException {
        CrashDisk disk = damaged(disk(true, OLDER), name(NEWER), flip(900));
        try (LogStore store = Samples.open(disk, 2)) {
            store.replica(Samples.GROUP);
            take(store, NEWER);
        }
        assertThat(restored(disk)).isEqualTo(NEWER);
    }
}
