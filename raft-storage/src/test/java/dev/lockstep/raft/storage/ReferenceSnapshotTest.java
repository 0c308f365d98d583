package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.spi.SnapshotReader;
import dev.lockstep.raft.spi.SnapshotSection;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

/** Snapshots of state machines that keep their state themselves. */
class ReferenceSnapshotTest {
    private static final LogPosition AT = new LogPosition(2, 9);

    private final CrashDisk disk = new CrashDisk();
    private final SnapshotFiles files = new SnapshotFiles(disk, room(disk));

    private static SnapshotMeta meta(boolean byReference) {
        return new SnapshotMeta(AT, 0, Samples.founding(true).initial(), 5, byReference);
    }

    private SnapshotId write(SnapshotFiles to, boolean byReference) throws IOException {
        return to.write(
                Samples.GROUP,
                meta(byReference),
                out -> {
                    out.section(SnapshotSection.REPLICATED).write(1);
                    if (!byReference) {
                        out.section(SnapshotSection.APPLICATION).write(new byte[100]);
                    }
                });
    }

    private SnapshotMeta read(SnapshotId id) throws IOException {
        try (InputStream in = files.open(Samples.GROUP, id)) {
            return new SnapshotReader(in, "test").meta();
        }
    }

    @Test
    void oneWithTheStateTakesThePlaceOfTheOneWithout() throws IOException {
        SnapshotId reference = write(files, true);
        assertThat(read(reference)).isEqualTo(meta(true));
        assertThat(files.recover(Samples.GROUP, AT)).isEqualTo(meta(true));
        SnapshotId whole = write(files, false);
        assertThat(files.list(Samples.GROUP)).containsExactly(whole);
        assertThat(read(whole)).isEqualTo(meta(false));
        assertThat(files.recover(Samples.GROUP, AT)).isEqualTo(meta(false));
    }

    @Test
    void nobodyPublishesAnothersThatHoldsNoState() throws IOException {
        SnapshotFiles others = new SnapshotFiles(new CrashDisk(), room(disk));
        SnapshotId id = write(others, true);
        Payload bytes = others.read(Samples.GROUP, id, 0, (int) id.bytes());
        assertThatThrownBy(() -> files.receive(Samples.GROUP, id, 0, bytes))
                .hasMessageContaining("holds no state");
        assertThat(disk.list()).isEmpty();
    }

    private static SnapshotRoom room(Disk disk) {
        return new SnapshotRoom(disk, Samples.SMALL_SEGMENT, () -> false);
    }
}
