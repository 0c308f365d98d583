package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entries;
import static dev.lockstep.raft.storage.Samples.entry;
import static dev.lockstep.raft.storage.Samples.term;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.LogStore;
import java.io.IOException;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PoisonTest {
    private final CrashDisk disk = new CrashDisk();
    private LogStore store;

    @BeforeEach
    void open() throws IOException {
        store = Samples.open(disk, 1);
        store.replica(GROUP);
        store.append(term(GROUP, 1));
        store.append(entries(GROUP, entry(1, 1, 10)));
        store.sync();
    }

    /** 1 is the batch's write, 2 its sync. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void afterAFailureEveryCallFailsWithItsCauseAndNothingIsTriedAgain(int which)
            throws IOException {
        store.append(entries(GROUP, entry(1, 2, 10)));
        disk.failAt(disk.operations() + which);
        assertPoisoned(() -> store.sync());
        long operations = disk.operations();
        long syncs = disk.syncs();
        assertPoisoned(() -> store.sync());
        assertPoisoned(() -> store.append(entries(GROUP, entry(1, 3, 10))));
        assertPoisoned(() -> store.append(term(GROUP, 2)));
        assertPoisoned(() -> store.replica(GroupId.of("new")));
        assertPoisoned(() -> store.replica(GROUP));
        assertPoisoned(() -> store.read(GROUP, 1, 100));
        store.close();
        assertThat(disk.operations()).isEqualTo(operations);
        assertThat(disk.syncs()).isEqualTo(syncs);

        LogStore again = Samples.open(disk.afterCrash(CrashDisk.Survival.nothing()), 2);
        assertThat(Samples.log(again, GROUP)).containsExactly(entry(1, 1, 10));
    }

    @Test
    void aSegmentThatCouldNotBeMadeAheadPoisonsWhenItIsNeeded() throws IOException {
        disk.failAt(
                disk.operations()
                        + 3); // the new segment's file, once the first batch in wal-2 is synced
        assertThatThrownBy(
                        () -> {
                            for (int i = 2; i < 9; i++) {
                                store.append(entries(GROUP, entry(1, i, 9000)));
                                store.sync();
                            }
                        })
                .isInstanceOf(StorageException.class)
                .hasRootCauseMessage("injected failure");
        assertPoisoned(() -> store.sync());
        store.close();
        LogStore again = Samples.open(disk.afterCrash(CrashDisk.Survival.everything()), 2);
        assertThat(Samples.log(again, GROUP)).startsWith(entry(1, 1, 10), entry(1, 2, 9000));
    }

    @Test
    void replicaWhoseMakingFailsIsNotMade() throws IOException {
        disk.failAt(disk.operations() + 2);
        assertPoisoned(() -> store.replica(GroupId.of("new")));
        store.close();
    }

    @Test
    void closedStoreRefusesEverything() throws IOException {
        store.close();
        store.close();
        for (ThrowingCallable call :
                List.<ThrowingCallable>of(
                        () -> store.sync(),
                        () -> store.replica(GROUP),
                        () -> store.read(GROUP, 1, 1),
                        () -> store.append(term(GROUP, 2)))) {
            assertThatThrownBy(call)
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("closed");
        }
    }

    @Test
    void whatWasAppendedAndNotSyncedIsNotWrittenByClose() throws IOException {
        store.append(entries(GROUP, entry(1, 2, 10)));
        store.close();
        assertThat(Samples.log(Samples.open(disk, 2), GROUP)).containsExactly(entry(1, 1, 10));
    }

    private void assertPoisoned(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e -> assertThat(e.fault().code()).isEqualTo(Fault.Code.STORAGE_FAILED))
                .hasRootCauseMessage("injected failure")
                .hasMessageContaining("injected failure");
    }
}
