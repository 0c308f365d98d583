package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConcurrentReadsTest {
    private static final int WRITES = 1500;

    @TempDir Path directory;

    /** The last index that no truncation goes below any more. */
    private final AtomicLong stable = new AtomicLong();

    private final AtomicBoolean done = new AtomicBoolean();

    @Test
    void readersSeeWholeConsecutiveEntriesWhileTheWriterAppendsAndTruncates() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try (LogStore store =
                FileStorage.in(directory)
                        .withSegmentBytes(64 << 10)
                        .open(Samples.CLUSTER, Samples.NODE)) {
            store.replica(GROUP);
            List<Future<Integer>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                long seed = i;
                readers.add(
                        threads.submit((Callable<Integer>) () -> read(store, new Random(seed))));
            }
            try {
                write(store);
            } finally {
                done.set(true);
            }
            for (Future<Integer> reader : readers) {
                assertThat(reader.get(1, TimeUnit.MINUTES)).isPositive();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private void write(LogStore store) throws Exception {
        Random random = new Random(1);
        long last = 0;
        for (int term = 1; term <= WRITES; term++) {
            long cut = last - stable.get() > 3 && random.nextInt(3) == 0 ? last - 1 : 0;
            last = cut > 0 ? cut - 1 : last;
            List<Entry> entries = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                entries.add(entry(term, ++last, size(term, last)));
            }
            store.append(new ReplicaWrite(GROUP, null, new HardState(term, null), cut, entries));
            if (random.nextInt(4) == 0) {
                store.sync();
            }
            stable.set(Math.max(stable.get(), last - 5));
        }
    }

    private int read(LogStore store, Random random) throws Exception {
        int reads = 0;
        while (!done.get() || reads == 0) {
            long bound = stable.get();
            if (bound < 1) {
                Thread.onSpinWait();
                continue;
            }
            long index = 1 + random.nextLong(bound);
            List<Entry> entries = store.read(GROUP, index, random.nextInt(20_000));
            assertThat(entries).isNotEmpty();
            for (Entry entry : entries) {
                assertThat(entry).isEqualTo(entry(entry.term(), index, size(entry.term(), index)));
                index++;
            }
            if (random.nextInt(50) == 0) {
                Thread.currentThread()
                        .interrupt(); // closes the channel that this thread reads through
                assertThat(store.read(GROUP, 1, 1)).hasSize(1);
                assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
            }
            reads++;
        }
        return reads;
    }

    private static int size(long term, long index) {
        return (int) ((term * 31 + index * 17) % 900);
    }
}
