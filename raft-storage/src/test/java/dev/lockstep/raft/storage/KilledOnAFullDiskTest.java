package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A process is killed, the next one starts on a disk that has become full, and then the power goes.
 * What the first one renamed and didn't sync yet is in the system's memory only, and the second one
 * makes no file whose name it would have to sync.
 */
class KilledOnAFullDiskTest {
    private static final int SURVIVALS = 4;

    /** What the store has acknowledged: no entry up to here may be lost. */
    private long acknowledged;

    @Test
    void whatTheNextProcessAcknowledgesIsNotLostWithANameThatTheLastOneDidNotSync()
            throws IOException {
        CrashDisk whole = new CrashDisk();
        live(whole, 0);
        int more = 0;
        for (long point = 1; point <= whole.operations(); point++) {
            for (int survival = 0; survival < SURVIVALS; survival++) {
                more += killOnce(point, survival) ? 1 : 0;
            }
        }
        assertThat(more).as("runs in which the second process got on").isGreaterThan(500);
    }

    private boolean killOnce(long point, int survival) throws IOException {
        CrashDisk disk = new CrashDisk().killAt(point);
        try {
            live(disk, 0);
        } catch (IOException e) {
            assertThat(e).hasStackTraceContaining("the process is dead");
        }
        long before = acknowledged;
        disk.afterKill().room(CrashDisk.Room.FOR_NO_MORE);
        try {
            live(disk, 1);
        } catch (DiskFullException e) {
            assertThat(acknowledged).isGreaterThanOrEqualTo(before);
        } catch (IOException e) {
            assertThat(e).as("kill at %d", point).hasMessageContaining("Make room");
        }
        CrashDisk.Survival chosen =
                survival == 0
                        ? CrashDisk.Survival.nothing()
                        : CrashDisk.Survival.random(new Random(point * 10 + survival));
        try (LogStore store = Samples.open(disk.afterCrash(chosen), 3)) {
            RecoveredReplica found = store.replica(GROUP);
            assertThat(found.beganAnew()).isNull();
            assertThat(found.lastIndex()).isGreaterThanOrEqualTo(acknowledged);
        } catch (IOException | AssertionError e) {
            throw new AssertionError("kill at " + point + ", survival " + survival, e);
        }
        return acknowledged > before;
    }

    /** Segments are filled, freed, kept to be used again and used again; snapshots are made. */
    private void live(CrashDisk disk, int life) throws IOException {
        acknowledged = life == 0 ? 0 : acknowledged;
        LogStore store = Samples.open(disk, 1 + life);
        if (store.replica(GROUP).hardState().term() == 0) {
            store.append(Samples.term(GROUP, 1));
        }
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 30; i++) {
                long next = store.written(GROUP).lastIndex() + 1;
                store.append(Samples.entries(GROUP, Samples.entry(1, next, 900)));
                store.sync();
                acknowledged = next;
            }
            LogPosition last = new LogPosition(1, acknowledged);
            Samples.snapshot(store, GROUP, last);
            store.append(new ReplicaWrite(GROUP, null, null, 0, last, List.of()));
            store.sync();
        }
        store.close();
    }
}
