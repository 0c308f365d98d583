package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.LogStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an opened log says that it holds is on the disk, not only in the system's memory. */
class RecoveredTailTest {
    @Test
    void aBatchThatAKilledProcessHadWrittenAndNotSyncedIsDurableOnceRecovered() throws IOException {
        CrashDisk disk = new CrashDisk();
        LogStore killed = Samples.open(disk, 1);
        killed.replica(Samples.GROUP);
        killed.append(Samples.term(Samples.GROUP, 1));
        killed.sync();
        killed.append(Samples.entries(Samples.GROUP, Samples.entry(1, 1, 10)));
        disk.failAt(disk.operations() + 2); // after the write
        assertThatThrownBy(killed::sync).hasMessageContaining("injected failure");
        killed.close();

        LogStore next = Samples.open(disk, 2);
        assertThat(next.replica(Samples.GROUP).lastIndex()).isEqualTo(1);
        // By now a leader may have been told that this replica holds the entry.
        LogStore last = Samples.open(disk.afterCrash(CrashDisk.Survival.nothing()), 3);
        assertThat(last.replica(Samples.GROUP).lastIndex()).isEqualTo(1);
        next.close();
        last.close();
    }

    @Test
    void aTailThatIsReadBadlyTheSecondTimeIsNotWrittenSo() throws IOException {
        CrashDisk disk = new CrashDisk();
        LogStore store = Samples.open(disk, 1);
        store.replica(Samples.GROUP);
        store.append(Samples.term(Samples.GROUP, 1));
        store.append(Samples.entries(Samples.GROUP, Samples.entry(1, 1, 900)));
        store.sync();
        store.close();
        byte[] whole = disk.bytes(Segment.name(1));
        int offset = whole.length - 1;
        while (whole[offset] == 0) {
            offset--;
        }
        for (boolean fails : new boolean[] {false, true}) {
            List<String> outcomes = new ArrayList<>();
            for (int nth = 1; !outcomes.contains("opened"); nth++) {
                CrashDisk copy = disk.copy();
                MisreadingDisk misreading = new MisreadingDisk(copy, offset, nth, fails);
                try (LogStore opened = Samples.open(misreading, 2)) {
                    boolean lost = opened.replica(Samples.GROUP).beganAnew() != null;
                    outcomes.add(lost ? "began anew" : "opened");
                } catch (StorageException e) {
                    assertThat(e.fault().code()).isEqualTo(Fault.Code.STORAGE_FAILED);
                    // The second time the batch is read as a whole, and fails as a whole.
                    int block = fails && nth > 1 ? 2 : offset / Blocks.BYTES;
                    assertThat(e)
                            .hasMessageContaining(
                                    Segment.name(1) + " at offset " + block * Blocks.BYTES + " ");
                    outcomes.add("refused");
                }
                assertThat(copy.bytes(Segment.name(1))).as("read %d", nth).isEqualTo(whole);
            }
            assertThat(outcomes)
                    .containsExactly(fails ? "refused" : "began anew", "refused", "opened");
        }
    }

    @Test
    void aBatchThatIsLargerThanAnyBufferIsRecoveredOrCutAndNothingBehindIt() throws IOException {
        CrashDisk disk = new CrashDisk();
        Entry large = Samples.entry(1, 1, 5 << 20);
        try (LogStore store = Samples.open(disk, 1)) {
            store.replica(Samples.GROUP);
            store.append(Samples.term(Samples.GROUP, 1));
            store.sync();
            store.append(Samples.entries(Samples.GROUP, large));
            store.sync();
        }
        String name = Segment.name(2); // the entry needs a segment of its own
        byte[] whole = disk.bytes(name);
        assertThat(whole).hasSizeGreaterThan(5 << 20);
        for (boolean torn : new boolean[] {false, true}) {
            CrashDisk copy = disk.copy();
            if (torn) {
                int middle = whole.length / 2 / Blocks.BYTES * Blocks.BYTES;
                byte[] bytes = whole.clone();
                Arrays.fill(bytes, middle, middle + Blocks.BYTES, (byte) 0);
                copy.put(name, bytes);
            }
            for (long life = 2; life <= 3; life++) {
                try (LogStore store = Samples.open(copy, life)) {
                    assertThat(store.replica(Samples.GROUP).beganAnew()).isNull();
                    assertThat(Samples.log(store, Samples.GROUP))
                            .isEqualTo(torn ? List.of() : List.of(large));
                }
                assertThat(copy.bytes(name)).hasSameSizeAs(whole);
            }
        }
    }

    /** Reads one byte of the first segment badly, or not at all, at one of the reads of it. */
    private static final class MisreadingDisk implements DelegatingDisk {
        private final Disk disk;
        private final long offset;
        private final boolean fails;
        private int left;

        MisreadingDisk(Disk disk, long offset, int nth, boolean fails) {
            this.disk = disk;
            this.offset = offset;
            this.fails = fails;
            this.left = nth;
        }

        @Override
        public Disk disk() {
            return disk;
        }

        @Override
        public Disk.File open(String name) throws IOException {
            Disk.File file = disk.open(name);
            return name.equals(Segment.name(1)) ? new MisreadFile(file) : file;
        }

        private final class MisreadFile implements DelegatingDisk.File {
            private final Disk.File file;
            private boolean isBad;

            MisreadFile(Disk.File file) {
                this.file = file;
            }

            @Override
            public Disk.File file() {
                return file;
            }

            @Override
            public int read(ByteBuffer target, long position) throws IOException {
                int from = target.position();
                boolean covers = position <= offset && offset < position + target.remaining();
                if (covers) {
                    isBad = --left == 0 || isBad && fails; // what fails once fails alone, too
                }
                if (covers && isBad && fails) {
                    throw new IOException("Input/output error");
                }
                int read = file.read(target, position);
                if (covers && isBad) {
                    int at = from + (int) (offset - position);
                    target.put(at, (byte) ~target.get(at));
                }
                return read;
            }
        }
    }
}
