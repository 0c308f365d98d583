package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entries;
import static dev.lockstep.raft.storage.Samples.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tools see of a directory whose host is down. */
class StorageInspectionTest {
    private final CrashDisk disk = new CrashDisk();

    @Test
    void whoAndWhatIsInADirectory() throws IOException {
        LogPosition position = new LogPosition(1, 2);
        HostIdentity identity;
        try (LogStore store = Samples.open(disk, 1)) {
            identity = store.identity();
            store.replica(GROUP);
            store.append(Samples.term(GROUP, 1));
            store.append(entries(GROUP, entry(1, 1, 10), entry(1, 2, 10)));
            store.sync();
            Samples.snapshot(store, GROUP, position);
        }
        assertThat(StorageInspection.identity(disk)).isEqualTo(identity);
        assertThat(StorageInspection.identity(new CrashDisk())).isNull();
        assertThat(StorageInspection.segments(disk)).contains(Segment.name(1));
        assertThat(StorageInspection.snapshots(disk))
                .containsExactly(StorageInspection.snapshotName(GROUP, position));
        List<String> said = new ArrayList<>();
        StorageInspection.walk(
                disk,
                identity.incarnation(),
                new LogVisitor() {
                    @Override
                    public void record(StoredRecord record) {
                        said.add(record.kind() + ": " + record.says());
                    }

                    @Override
                    public void damage(StoredDamage damage) {
                        said.add(damage.toString());
                    }

                    @Override
                    public void unfinished(String file, long offset) {
                        said.add("unfinished");
                    }
                });
        assertThat(said)
                .anyMatch(says -> says.startsWith("REPLICA: incarnation "))
                .anyMatch(says -> says.startsWith("HARD_STATE: vote null"))
                .anyMatch(
                        says -> says.startsWith("ENTRY: COMMAND of ") && says.endsWith("10 bytes"));
    }

    @Test
    void readersShareADirectoryAcrossProcessesAndAHostHasItAlone(@TempDir Path directory)
            throws IOException {
        assertThatThrownBy(() -> StorageInspection.lock(directory, true))
                .isInstanceOf(NoSuchFileException.class);
        try (Closeable host = StorageInspection.lock(directory, false)) {
            assertThat(host).isNotNull();
            assertThat(StorageInspection.lock(directory, true)).isNull();
        }
        try (Closeable reader = StorageInspection.lock(directory, true)) {
            assertThat(reader).isNotNull();
            assertThat(StorageInspection.lock(directory, false)).isNull();
        }
    }

    @Test
    void whereReplicasCanNotMoveInTheDirectoryIsFreeAgain() throws IOException {
        Samples.open(disk, 1).close();
        FileStorage place =
                FileStorage.on(disk, new Random(3)).withSegmentBytes(Samples.SMALL_SEGMENT);
        Map<GroupId, UUID> incarnations = Map.of(GROUP, new UUID(4, 2));
        assertThatThrownBy(
                        () ->
                                StorageInspection.moveInto(
                                        place, Samples.CLUSTER, Samples.NODE, incarnations))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a host was in it before");
        Samples.open(disk, 4).close();
    }
}
