package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.SMALL_SEGMENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.spi.SnapshotSection;
import java.io.IOException;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;

/** A snapshot doesn't take the room that the log needs next. */
class SnapshotRoomTest {
    private static final LogPosition POSITION = new LogPosition(1, 9);
    private static final int KEPT = 2 * SMALL_SEGMENT;

    /** The most that a part of a snapshot may pass without that anybody looks. */
    private static final int LITTLE = SMALL_SEGMENT / 16;

    private final CrashDisk disk = new CrashDisk();
    private long capacity;
    private boolean logIsFull;
    private final SnapshotFiles files =
            new SnapshotFiles(
                    new Sized(), new SnapshotRoom(new Sized(), SMALL_SEGMENT, () -> logIsFull));

    /** Has so much room less what its files take. */
    private final class Sized implements DelegatingDisk {
        @Override
        public Disk disk() {
            return disk;
        }

        @Override
        public long usableBytes() {
            return capacity - disk.list().stream().mapToLong(name -> disk.bytes(name).length).sum();
        }
    }

    private SnapshotId write(int bytes) throws IOException {
        SnapshotMeta meta =
                new SnapshotMeta(POSITION, 0, Samples.founding(true).initial(), Long.MAX_VALUE);
        return files.write(
                GROUP,
                meta,
                out -> {
                    OutputStream state = out.section(SnapshotSection.APPLICATION);
                    for (int written = 0; written < bytes; written += 500) {
                        state.write(new byte[500]);
                    }
                });
    }

    private void receive(SnapshotId id, int from, int until) throws IOException {
        for (int at = from; at < until; at += 500) {
            files.receive(GROUP, id, at, Payload.wrap(new byte[500]));
        }
    }

    @Test
    void oneThatWouldTakeTheLogsRoomIsRefusedBeforeAByteOfItIsWritten() {
        SnapshotId id = new SnapshotId(POSITION, 20_000, 7);
        capacity = KEPT + 19_999;
        assertThatThrownBy(() -> receive(id, 0, 500))
                .isInstanceOf(DiskFullException.class)
                .hasMessageContaining("takes 20000 bytes more, and the disk has 52767")
                .hasMessageContaining("of which the log needs 32768");
        assertThat(disk.operations()).isZero();
        assertThatThrownBy(() -> receive(id, 500, 1000)).isNotInstanceOf(DiskFullException.class);
    }

    @Test
    void oneForWhichTheRoomIsGoneMeanwhileEndsAndIsRemoved() throws IOException {
        SnapshotId id = new SnapshotId(POSITION, 20_000, 7);
        capacity = KEPT + 20_000;
        receive(id, 0, 5000);
        capacity -= 1;
        assertThatThrownBy(() -> receive(id, 5000, 5000 + 2 * LITTLE))
                .isInstanceOf(DiskFullException.class)
                .hasMessageContaining("of which the log needs");
        assertThat(disk.list()).isEmpty();
    }

    @Test
    void whereTheLogHasNoRoomAnyhowOrMakesNoneASnapshotMayFreeSome() throws IOException {
        SnapshotId id = new SnapshotId(POSITION, 10_000, 7);
        capacity = 10_000;
        receive(id, 0, 5000);
        capacity = 9_999;
        assertThatThrownBy(() -> receive(id, 0, 500)).isInstanceOf(DiskFullException.class);
        capacity = KEPT;
        assertThatThrownBy(() -> receive(id, 0, 500)).isInstanceOf(DiskFullException.class);
        logIsFull = true;
        receive(id, 0, 5000);
        SnapshotId little = new SnapshotId(POSITION, LITTLE, 7);
        logIsFull = false;
        receive(little, 0, 500);
    }

    @Test
    void oneThatIsTakenHereIsWrittenAsLongAsThereIsRoom() throws IOException {
        capacity = KEPT + 100_000;
        assertThat(write(90_000).bytes()).isGreaterThan(90_000);
        files.delete(GROUP, POSITION);
        capacity = KEPT + 80_000;
        assertThatThrownBy(() -> write(200_000))
                .isInstanceOf(DiskFullException.class)
                .hasMessageContaining("of which the log needs");
        assertThat(disk.list()).isEmpty();
        logIsFull = true;
        assertThat(write(90_000).bytes()).isGreaterThan(90_000);
    }
}
