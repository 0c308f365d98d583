package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.spi.LogStore;
import java.io.IOException;
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
}
