package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.HardState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is known of a segment whose header can't be used. */
class SegmentTest {
    private static final int FIRST_BATCH = 1;

    private HandmadeLog log;

    @BeforeEach
    void writeABatch() throws IOException, Damage {
        log = new HandmadeLog();
        log.batch(new RecordDraft().hardState(1, new HardState(1, null)));
    }

    private Segment.State stateOf(Disk disk) throws IOException {
        Segment segment = Segment.open(disk, 1, log.host());
        segment.file().close();
        return segment.state();
    }

    @Test
    void whatWasWrittenToASegmentIsLostWithItsHeader() throws IOException {
        log.rot(1, 0);
        assertThat(stateOf(log.disk())).isEqualTo(Segment.State.LOST);
    }

    @Test
    void aSegmentOfWhichNothingButADamagedHeaderIsLeftMayHaveHeldAnything() throws IOException {
        byte[] bytes = log.rot(1, 0).disk().bytes(Segment.name(1));
        log.disk().put(Segment.name(1), Arrays.copyOf(bytes, Blocks.BYTES + 100));
        assertThat(stateOf(log.disk())).isEqualTo(Segment.State.LOST);
    }

    @Test
    void aSegmentThatTheDiskDoesNotReadAtAllMayHaveHeldAnything() throws IOException {
        assertThat(stateOf(new DeadDisk(log.disk()))).isEqualTo(Segment.State.UNREADABLE);
    }

    @Test
    void aFirstBlockThatIsNoBatchsDoesNotShowThatASegmentWasNeverUsed() throws IOException {
        log.rot(1, 0).change(FIRST_BATCH, 0); // the head's magic number
        assertThat(stateOf(log.disk())).isEqualTo(Segment.State.LOST);
    }

    @Test
    void asManySegmentsAsEverMayBeMissingBetweenTwoAndNoMore() {
        assertThat(Segment.mayFollow(7, 7)).isTrue();
        assertThat(Segment.mayFollow(7, 6)).isFalse();
        assertThat(Segment.mayFollow(7, 7 + (1 << 16))).isTrue();
        assertThat(Segment.mayFollow(7, 8 + (1 << 16))).isFalse();
        assertThat(Segment.mayFollow(0, 1)).isFalse();
    }

    /** Opens every file and reads none. */
    private record DeadDisk(Disk disk) implements DelegatingDisk {
        @Override
        public Disk.File open(String name) throws IOException {
            return new DeadFile(disk.open(name));
        }

        private record DeadFile(Disk.File file) implements DelegatingDisk.File {
            @Override
            public int read(ByteBuffer target, long position) throws IOException {
                throw new IOException("Input/output error");
            }
        }
    }
}
