package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a record is must be known when any one block is lost. */
class SecondPlaceTest {
    private final CrashDisk disk = new CrashDisk();

    private static LogStore open(Disk disk) throws IOException {
        return FileStorage.on(disk, new Random(4))
                .withSegmentBytes(256 << 10)
                .open(Samples.CLUSTER, Samples.NODE);
    }

    @Test
    void everyDirectoryIsEchoedByTheNextBatchOrSharesNoBlockWithARecord()
            throws IOException, Damage {
        int[] sizes = {1, 3, 200, 247, 248, 400, 1, 1000, 2, 1};
        long last = 0;
        for (int size : sizes) {
            LogStore store = open(disk); // the echo is known after a restart too
            store.replica(GROUP);
            List<Entry> entries = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                entries.add(entry(1, ++last, 20));
            }
            store.append(new ReplicaWrite(GROUP, null, new HardState(1, null), 0, entries));
            store.sync();
            store.close();
        }
        int echoed = 0;
        int apart = 0;
        BatchHead before = null;
        ByteBuffer directoryBefore = ByteBuffer.allocate(0);
        for (ByteBuffer data : batches(disk.bytes(Segment.name(1)))) {
            BatchHead batch = BatchHead.read(data);
            if (before != null && batch.echoBytes() > 0) {
                assertThat(batch.echo(data)).isEqualTo(directoryBefore);
                echoed++;
            } else if (before != null) {
                int recordsEnd = BatchHead.BYTES + before.recordBytes();
                int endings = before.echoBytes() + before.directoryBytes() + BatchHead.FOOT_BYTES;
                assertThat(before.blocks() - Blocks.needed(endings))
                        .isGreaterThanOrEqualTo(Blocks.needed(recordsEnd));
                apart++;
            }
            before = batch;
            directoryBefore = batch.directory(data);
        }
        assertThat(echoed).isEqualTo(7);
        assertThat(apart).isEqualTo(3);
        try (LogStore store = open(disk)) {
            assertThat(Samples.log(store, GROUP)).hasSize((int) last);
        }
    }

    private static List<ByteBuffer> batches(byte[] segment) {
        Blocks blocks = new Blocks(ByteBuffer.wrap(segment));
        List<ByteBuffer> batches = new ArrayList<>();
        for (int at = 1; at < blocks.count() && blocks.generation(at) != 0; ) {
            ByteBuffer data = ByteBuffer.allocate((blocks.following(at) + 1) * Blocks.DATA_BYTES);
            while (data.hasRemaining()) {
                blocks.dataTo(at++, data);
            }
            batches.add(data.flip());
        }
        return batches;
    }
}
