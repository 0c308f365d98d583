package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.replica;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import dev.lockstep.raft.spi.SnapshotSection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * The bytes of format version 1 as they were when it was made. Run with {@code
 * -Dgolden.rewrite=true} to write them anew, which is right only for a version that nobody has used
 * yet.
 */
class GoldenFormatTest {
    private static final String GOLDEN = "format-v1.hex";
    private static final GroupId OTHER = GroupId.of("other.group-2");
    private static final int LINE_BYTES = 32;

    private static final List<Entry> ENTRIES =
            List.of(
                    new Entry(1, 1, EntryKind.NO_OP, 1_700_000_000_000L, Payload.EMPTY),
                    new Entry(
                            1,
                            2,
                            EntryKind.CONFIGURATION,
                            1_700_000_000_001L,
                            Payload.of("configuration")),
                    new Entry(3, 3, EntryKind.SESSION, 1_700_000_000_002L, Payload.of(42)),
                    new Entry(
                            3,
                            4,
                            EntryKind.COMMAND,
                            1_700_000_000_003L,
                            Payload.of("x".repeat(600))));

    private static final SnapshotMeta SNAPSHOT =
            new SnapshotMeta(
                    new LogPosition(9, 5), 2, Samples.founding(true).initial(), 1_700_000_000_009L);

    private static final Entry LATE =
            new Entry(3, 4, EntryKind.COMMAND, 1_700_000_000_004L, Payload.of("y".repeat(7000)));

    private static final List<HostIdentity> PEERS =
            List.of(
                    new HostIdentity(
                            Samples.CLUSTER, NodeId.of("n2"), new UUID(0x4002, 2L << 62), 7, 77),
                    new HostIdentity(Samples.CLUSTER, NodeId.of("other"), new UUID(1, 2), 300, -1));

    /** One record of every kind, peers and a snapshot, twice the same group, twice a segment. */
    private static CrashDisk write() throws IOException {
        CrashDisk disk = new CrashDisk();
        LogStore store =
                FileStorage.on(disk, new Random(1))
                        .withSegmentBytes(8192)
                        .open(Samples.CLUSTER, Samples.NODE);
        store.replica(GROUP);
        HardState voted = new HardState(3, replica("n2", 2));
        store.append(new ReplicaWrite(GROUP, Samples.founding(false), voted, 0, ENTRIES));
        store.replica(OTHER);
        store.append(
                new ReplicaWrite(
                        OTHER,
                        Samples.founding(true),
                        new HardState(9, null, 1_500_000_000L),
                        0,
                        List.of()));
        store.snapshots()
                .write(
                        OTHER,
                        SNAPSHOT,
                        out -> {
                            out.section(SnapshotSection.REPLICATED).write(new byte[] {1, 2, 3});
                            out.section(SnapshotSection.APPLICATION).write(new byte[] {4, 5});
                        });
        store.append(new ReplicaWrite(OTHER, null, null, 0, SNAPSHOT.position(), List.of()));
        store.append(new ReplicaWrite(GROUP, null, null, 4, List.of(LATE)));
        store.append(
                new ReplicaWrite(GROUP, null, null, 0, null, List.of(ENTRIES.get(2)), List.of()));
        store.sync();
        PEERS.forEach(peer -> store.peerBoots().meet(peer, fault -> assertThat(fault).isNull()));
        store.close();
        return disk;
    }

    private static void check(LogStore store) throws IOException {
        RecoveredReplica replica = store.replica(GROUP);
        assertThat(replica.founding()).isEqualTo(Samples.founding(false));
        assertThat(replica.hardState()).isEqualTo(new HardState(3, replica("n2", 2)));
        assertThat(replica.terms()).containsExactly(new LogPosition(1, 1), new LogPosition(3, 3));
        assertThat(replica.lastTimestampMillis()).isEqualTo(LATE.timestampMillis());
        assertThat(Samples.log(store, GROUP))
                .containsExactly(ENTRIES.get(0), ENTRIES.get(1), ENTRIES.get(2), LATE);
        RecoveredReplica other = store.replica(OTHER);
        assertThat(other.founding()).isEqualTo(Samples.founding(true));
        assertThat(other.hardState()).isEqualTo(new HardState(9, null, 1_500_000_000L));
        assertThat(other.base()).isEqualTo(SNAPSHOT.position());
        assertThat(other.lastIndex()).isEqualTo(SNAPSHOT.position().index());
        assertThat(other.snapshot()).isEqualTo(SNAPSHOT);
    }

    @Test
    void theOldPeersStayReadable() throws IOException {
        assertThat(StorageInspection.peers(load(golden()), Samples.CLUSTER)).isEqualTo(PEERS);
    }

    @Test
    void everyByteIsAsItWasWhenTheFormatWasMade() throws IOException {
        String dump = dump(write());
        if (Boolean.getBoolean("golden.rewrite")) {
            Files.writeString(
                    Path.of(
                            "src/test/resources",
                            getClass().getPackageName().replace('.', '/'),
                            GOLDEN),
                    dump);
        }
        assertThat(dump).isEqualTo(golden());
    }

    @Test
    void oldFilesStayReadable() throws IOException {
        CrashDisk disk = load(golden());
        try (LogStore store = Samples.open(disk, 2)) {
            assertThat(store.identity().boot()).isEqualTo(2);
            check(store);
            store.append(new ReplicaWrite(GROUP, null, null, 4, List.of()));
            store.sync();
        }
        try (LogStore store = Samples.open(disk, 3)) {
            assertThat(store.replica(GROUP).lastIndex()).isEqualTo(3);
        }
    }

    private String golden() throws IOException {
        try (InputStream in = getClass().getResourceAsStream(GOLDEN)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    /**
     * Each file's name and size, then its bytes with their offsets; lines of zeros are left out.
     */
    private static String dump(CrashDisk disk) {
        StringBuilder text = new StringBuilder();
        for (String name : disk.list()) {
            byte[] bytes = disk.bytes(name);
            text.append(name).append(' ').append(bytes.length).append('\n');
            for (int at = 0; at < bytes.length; at += LINE_BYTES) {
                byte[] line =
                        Arrays.copyOfRange(bytes, at, Math.min(at + LINE_BYTES, bytes.length));
                if (!Arrays.equals(line, new byte[line.length])) {
                    text.append(HexFormat.of().toHexDigits(at, 4)).append(": ");
                    text.append(HexFormat.of().formatHex(line)).append('\n');
                }
            }
        }
        return text.toString();
    }

    private static CrashDisk load(String dump) {
        CrashDisk disk = new CrashDisk();
        String name = "";
        byte[] bytes = new byte[0];
        for (String line : dump.lines().toList()) {
            int colon = line.indexOf(": ");
            if (colon < 0) {
                disk.put(name, bytes);
                name = line.substring(0, line.indexOf(' '));
                bytes = new byte[Integer.parseInt(line.substring(line.indexOf(' ') + 1))];
            } else {
                byte[] part = HexFormat.of().parseHex(line.substring(colon + 2));
                System.arraycopy(
                        part,
                        0,
                        bytes,
                        HexFormat.fromHexDigits(line.substring(0, colon)),
                        part.length);
            }
        }
        return disk.put(name, bytes).remove("");
    }
}
