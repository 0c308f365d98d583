package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The power goes at each change that a workload makes on a disk which is full in the middle of it:
 * first for new blocks, then for all.
 */
class FullDiskCrashTest {
    private static final long SEED = 20261122;
    private static final int SURVIVALS = 8;
    private static final List<GroupId> GROUPS = List.of(GroupId.of("a"), GroupId.of("b"));

    @Test
    void atEveryPointAllThatWasAcknowledgedIsFoundAndNothingInvented() throws IOException {
        CrashDisk whole = new CrashDisk();
        Ledger ledger = new Ledger();
        workload(whole, ledger);
        ledger.checkReopened(Samples.open(whole.copy(), 5));
        int runs = 0;
        for (long point = 1; point <= whole.operations(); point++) {
            for (int survival = 0; survival < SURVIVALS; survival++) {
                crashOnce(point, survival);
                runs++;
            }
        }
        System.out.println("crash points of full disks: " + whole.operations() + ", runs: " + runs);
    }

    private static void crashOnce(long point, int survival) throws IOException {
        Ledger ledger = new Ledger();
        CrashDisk disk = new CrashDisk().crashAt(point);
        try {
            workload(disk, ledger);
        } catch (IOException e) {
            assertThat(disk.operations()).as("%s", e).isGreaterThanOrEqualTo(point);
        }
        CrashDisk.Survival chosen =
                switch (survival) {
                    case 0 -> CrashDisk.Survival.nothing();
                    case 1 -> CrashDisk.Survival.everything();
                    default -> CrashDisk.Survival.random(new Random(SEED + point * 100 + survival));
                };
        try (LogStore store = Samples.open(disk.afterCrash(chosen), 99)) {
            ledger.checkReopened(store);
            ledger.make(store, GROUPS.get(0));
            write(store, ledger, GROUPS.get(0), 3000, 2);
            ledger.sync(store);
        } catch (IOException | AssertionError e) {
            throw new AssertionError("crash point " + point + ", survival " + survival, e);
        }
    }

    private static void workload(CrashDisk disk, Ledger ledger) throws IOException {
        Random random = new Random(SEED);
        LogStore store = Samples.open(disk, 1);
        ledger.checkReopened(store);
        for (GroupId group : GROUPS) {
            ledger.make(store, group);
        }
        write(store, ledger, random, 8);
        disk.room(CrashDisk.Room.FOR_NO_MORE);
        int refused = write(store, ledger, random, 25);
        assertThat(refused).as("refused for want of a segment").isGreaterThan(5);
        disk.room(CrashDisk.Room.ENOUGH);
        store.lookForRoom();
        store.lookForRoom();
        assertThat(write(store, ledger, random, 8)).as("there is room again").isZero();
        disk.room(CrashDisk.Room.NONE);
        assertThat(write(store, ledger, random, 3)).as("nothing is synced").isEqualTo(3);
        disk.room(CrashDisk.Room.ENOUGH);
        store.lookForRoom();
        store.lookForRoom();
        assertThat(write(store, ledger, random, 8)).isZero();
        store.close();
    }

    /**
     * @return how often there was no room
     */
    private static int write(LogStore store, Ledger ledger, Random random, int times)
            throws IOException {
        int refused = 0;
        for (int i = 0; i < times; i++) {
            GroupId group = GROUPS.get(random.nextInt(GROUPS.size()));
            try {
                write(store, ledger, group, 700, random.nextInt(4));
                ledger.sync(store);
            } catch (DiskFullException e) {
                refused++;
            }
        }
        return refused;
    }

    /** A new term, a truncation where there is something to cut, and some entries. */
    private static void write(LogStore store, Ledger ledger, GroupId group, int bytes, int count)
            throws IOException {
        Ledger.State state = ledger.last(group);
        long term = state.hardState().term() + 1;
        int size = state.entries().size();
        long cut = term % 3 == 0 && size > 2 ? size - 1 : 0;
        long next = cut > 0 ? cut : size + 1;
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(Samples.entry(term, next + i, bytes));
        }
        ledger.append(
                store, new ReplicaWrite(group, null, new HardState(term, null), cut, entries));
    }
}
