package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.LogStore;
import java.io.IOException;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever opens a file closes it: a host that is restarted by its supervisor runs out of none. */
class OpenFilesTest {
    private HandmadeLog log;
    private OpenFilesDisk disk;

    @BeforeEach
    void writeOneSegmentAndMakeThreeMore() throws IOException, Damage {
        log = new HandmadeLog();
        disk = new OpenFilesDisk(log.disk());
        log.batch(
                new RecordDraft().replica(Samples.replicaLog(GROUP, 1)),
                new RecordDraft().hardState(GROUP.key(), new HardState(1, null)));
        log.segment(2).segment(3).segment(4);
    }

    @Test
    void aStoreClosesAllSegmentsThatItNeedsNoMoreAndTheOthersAtItsEnd() throws IOException {
        try (LogStore store = Samples.open(disk, 2)) {
            assertThat(store.replica(GROUP).beganAnew()).isNull();
            assertThat(disk.openFiles())
                    .containsExactlyInAnyOrder(Segment.name(1), Segment.name(2));
        }
        assertThat(disk.openFiles()).isEmpty();
    }

    @Test
    void anOpenThatIsRefusedLeavesNoFileOpen() throws IOException {
        log.segment(3, new UUID(1, 2));
        assertThatThrownBy(() -> Samples.open(disk, 2))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(Segment.name(3));
        assertThat(disk.openFiles()).isEmpty();
    }

    @Test
    void anInspectionLeavesNoFileOpen() throws IOException {
        log.rot(2, 0);
        log.segment(4, new UUID(1, 2));
        Heard heard = Heard.of(disk, log.host());
        assertThat(heard.damages)
                .extracting(StoredDamage::file)
                .containsExactly(Segment.name(2), Segment.name(4));
        assertThat(disk.openFiles()).isEmpty();
    }

    @Test
    void anInspectionLeavesNoFileOpenWhereTheLastSegmentsWereNeverUsed() throws IOException {
        assertThat(Heard.of(disk, log.host()).damages).isEmpty();
        assertThat(disk.openFiles()).isEmpty();
    }
}
