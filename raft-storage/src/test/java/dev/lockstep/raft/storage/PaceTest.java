package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.GroupId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
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
    void whoIsInterruptedDoesNotWait() {
        Pace pace = pace(1);
        Thread.currentThread().interrupt();
        pace.wrote(1_000_000);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(now.get()).isEqualTo(7);
    }
}
