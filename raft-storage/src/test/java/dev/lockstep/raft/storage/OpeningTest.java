package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.CLUSTER;
import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.NODE;
import static dev.lockstep.raft.storage.Samples.entries;
import static dev.lockstep.raft.storage.Samples.entry;
import static dev.lockstep.raft.storage.Samples.term;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Who a directory belongs to, and what it must hold to be opened. */
class OpeningTest {
    private final CrashDisk disk = new CrashDisk();

    private LogStore open() throws IOException {
        return Samples.open(disk, 3);
    }

    private void fillThreeSegments() throws IOException {
        LogStore store = open();
        store.replica(GROUP);
        store.append(term(GROUP, 1));
        for (int i = 1; i <= 4; i++) {
            store.append(entries(GROUP, entry(1, i, 9000)));
            store.sync();
        }
        store.close();
    }

    private void assertRefused(Fault.Code code, String part, ThrowingCallable opening) {
        long operations = disk.operations();
        assertThatThrownBy(opening)
                .isInstanceOfSatisfying(
                        StorageException.class, e -> assertThat(e.fault().code()).isEqualTo(code))
                .hasMessageContaining(part);
        assertThat(disk.operations()).as("changes on a refusal").isEqualTo(operations);
    }

    @Test
    void everyOpenIsANewBootThatIsDurableBeforeItReturns() throws IOException {
        HostIdentity before = null;
        CrashDisk now = disk;
        for (int boot = 1; boot <= 5; boot++) {
            HostIdentity identity = Samples.open(now, boot).identity();
            assertThat(identity.boot()).isEqualTo(boot);
            if (before != null) {
                assertThat(identity.incarnation()).isEqualTo(before.incarnation());
                assertThat(identity.bootNonce()).isNotEqualTo(before.bootNonce());
            }
            before = identity;
            now = now.afterCrash(CrashDisk.Survival.nothing());
        }
    }

    @Test
    void incarnationsAreDrawnOncePerGroupAndDirectory() throws IOException {
        LogStore store = open();
        var first = store.replica(GROUP).id();
        var other = store.replica(GroupId.of("other")).id();
        assertThat(first.node()).isEqualTo(NODE);
        assertThat(other.incarnation()).isNotEqualTo(first.incarnation());
        LogStore again = Samples.open(disk.afterCrash(CrashDisk.Survival.nothing()), 4);
        assertThat(again.replica(GROUP).id()).isEqualTo(first);
        assertThat(again.replica(GroupId.of("other")).id()).isEqualTo(other);
        LogStore wiped = Samples.open(new CrashDisk(), 5);
        assertThat(wiped.replica(GROUP).id().incarnation()).isNotEqualTo(first.incarnation());
    }

    @Test
    void directoryOfAnotherClusterOrNodeIsRefusedWithBothNames() throws IOException {
        open().close();
        FileStorage storage = FileStorage.on(disk, new Random(1));
        assertRefused(
                Fault.Code.WRONG_DIRECTORY,
                "belongs to node 'n1' of cluster 'demo', and was opened as node 'n2' of cluster 'demo'",
                () -> storage.open(CLUSTER, NodeId.of("n2")));
        assertRefused(
                Fault.Code.WRONG_DIRECTORY,
                "'n1' of cluster 'demo', and was opened as node 'n1' of cluster 'live'",
                () -> storage.open(new ClusterId("live"), NODE));
    }

    @Test
    void missingSegmentIsNamed() throws IOException {
        fillThreeSegments();
        assertThat(disk.list()).contains(Segment.name(4));
        for (int missing = 1; missing <= 4; missing++) {
            assertGap(disk.copy().remove(Segment.name(missing)), missing);
        }
        // The last of all: what it held is told nowhere else.
        try (LogStore store = Samples.open(disk.copy().remove(Segment.name(4)), 3)) {
            assertThat(store.replica(GROUP).beganAnew()).isNotNull();
        }
    }

    private void assertGap(CrashDisk damaged, int segment) throws IOException {
        try (LogStore store = Samples.open(damaged, 3)) {
            RecoveredReplica found = store.replica(GROUP);
            Fault fault = found.beganAnew() == null ? found.damage() : found.beganAnew();
            assertThat(fault).as("segment %d", segment).isNotNull();
            assertThat(fault.code()).isEqualTo(Fault.Code.LOG_GAP);
            assertThat(fault.message()).contains(Segment.name(segment));
            assertThat(found.beganAnew() == null)
                    .as("the checkpoint behind it tells the rest")
                    .isEqualTo(segment < 4);
        }
    }

    @Test
    void aStrayFileWithTheNameOfAFarSegmentIsRefusedByNameAndNothingIsLost() throws IOException {
        fillThreeSegments();
        for (long far : new long[] {0, 0xffff_ffffL, 1L << 62, Long.MAX_VALUE, 1L << 63, -1}) {
            String stray = Segment.name(far);
            disk.put(stray, new byte[3]);
            assertRefused(Fault.Code.LOG_GAP, stray, this::open);
            disk.remove(stray);
        }
        try (LogStore store = open()) {
            assertThat(store.replica(GROUP).lastIndex()).isEqualTo(4);
            assertThat(store.replica(GROUP).beganAnew()).isNull();
        }
    }

    @Test
    void lostLogIsNotTakenForANewOne() throws IOException {
        open().close();
        disk.list().stream().filter(Segment::isName).forEach(disk::remove);
        assertRefused(Fault.Code.LOG_GAP, Segment.name(1), this::open);
    }

    @Test
    void segmentsWithoutAnIdentityAreRefused() throws IOException {
        open().close();
        disk.remove(IdentityFile.NAME);
        assertRefused(Fault.Code.LOG_GAP, IdentityFile.NAME, this::open);
    }

    @Test
    void shortenedSegmentIsNamed() throws IOException {
        fillThreeSegments();
        byte[] bytes = disk.bytes(Segment.name(2));
        for (int length : new int[] {0, 100, 512, 5000, bytes.length - 1}) {
            CrashDisk damaged = disk.copy().put(Segment.name(2), Arrays.copyOf(bytes, length));
            if (length == bytes.length - 1) { // nothing was ever written there
                try (LogStore store = Samples.open(damaged, 3)) {
                    assertThat(store.replica(GROUP).lastIndex()).isEqualTo(4);
                }
            } else {
                assertGap(damaged, 2);
            }
        }
    }

    @Test
    void segmentOfAnotherDirectoryIsRefused() throws IOException {
        fillThreeSegments();
        CrashDisk other = new CrashDisk();
        Samples.open(other, 77).close();
        disk.put(Segment.name(1), other.bytes(Segment.name(1)));
        assertRefused(Fault.Code.LOG_CORRUPT, Segment.name(1), this::open);
    }

    @Test
    void segmentsInTheWrongOrderAreRefused() throws IOException {
        fillThreeSegments();
        byte[] first = disk.bytes(Segment.name(1));
        disk.put(Segment.name(1), disk.bytes(Segment.name(2))).put(Segment.name(2), first);
        assertRefused(Fault.Code.LOG_CORRUPT, Segment.name(1), this::open);
    }

    @Test
    void everyDamagedByteOfTheIdentityIsRefused() throws IOException {
        open().close();
        byte[] bytes = disk.bytes(IdentityFile.NAME);
        for (int at = 0; at < bytes.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] damaged = bytes.clone();
                damaged[at] ^= (byte) (1 << bit);
                disk.put(IdentityFile.NAME, damaged);
                assertRefused(Fault.Code.LOG_CORRUPT, "identity at offset ", this::open);
            }
        }
        for (int length = 0; length < bytes.length; length++) {
            disk.put(IdentityFile.NAME, Arrays.copyOf(bytes, length));
            assertRefused(Fault.Code.LOG_CORRUPT, "identity at offset ", this::open);
        }
    }

    @Test
    void fileOfALaterFormatVersionIsRefusedAsThat() throws IOException {
        open().close();
        byte[] identity = disk.bytes(IdentityFile.NAME);
        disk.put(IdentityFile.NAME, with(identity, 8, 2, 16, 0));
        assertRefused(Fault.Code.INCOMPATIBLE_VERSION, "version 2", this::open);
        disk.put(IdentityFile.NAME, identity);
        byte[] segment = disk.bytes(Segment.name(1));
        byte[] block = Arrays.copyOf(segment, Blocks.BYTES);
        byte[] later = with(block, Blocks.HEAD_BYTES + 8, 2, 8, 0);
        System.arraycopy(later, 0, segment, 0, later.length);
        disk.put(Segment.name(1), segment);
        assertRefused(Fault.Code.INCOMPATIBLE_VERSION, "version 2", this::open);
    }

    @Test
    void restoredIdentityOfTheFirstOpenDoesNotHideThatTheLogWasUsed() throws IOException {
        HostIdentity first;
        try (LogStore store = open()) {
            first = store.identity();
        }
        fillThreeSegments();
        IdentityFile.write(
                disk, new HostIdentity(first.cluster(), first.node(), first.incarnation(), 0, 0));
        assertRefused(Fault.Code.LOG_CORRUPT, IdentityFile.NAME, this::open);
    }

    @Test
    void leftoversOfACrashAreRemoved() throws IOException {
        disk.put(SegmentMaker.ASIDE, new byte[700])
                .put(IdentityFile.NAME + WholeFile.ASIDE, new byte[3]);
        open().close();
        disk.put(SnapshotName.taken(Samples.GROUP), new byte[40])
                .put(SnapshotName.fetched(Samples.GROUP), new byte[40])
                .put(SegmentMaker.ASIDE, new byte[700])
                .put(IdentityFile.NAME + WholeFile.ASIDE, new byte[3]);
        open().close();
        assertThat(disk.list()).containsExactly("identity", Segment.name(1), Segment.name(2));
    }

    @Test
    void aSecondOpenOfTheSameDirectoryIsRefusedUntilTheFirstIsClosed() throws IOException {
        LogStore first = open();
        assertRefused(Fault.Code.DIRECTORY_LOCKED, "in use", this::open);
        first.close();
        open().close();
    }

    /**
     * With a u32 set, and the checksum made right again, at which {@code seed} stands while it is
     * taken.
     */
    private static byte[] with(byte[] bytes, int at, int value, int checksumAt, int seed) {
        byte[] changed = bytes.clone();
        ByteBuffer fields = ByteBuffer.wrap(changed).putInt(at, value).putInt(checksumAt, seed);
        CRC32C crc = new CRC32C();
        crc.update(changed);
        fields.putInt(checksumAt, (int) crc.getValue());
        return changed;
    }
}
