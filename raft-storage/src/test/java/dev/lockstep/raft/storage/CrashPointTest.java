package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The power goes at each change of the disk that a workload makes, and then again at each that
 * reopening makes.
 */
class CrashPointTest {
    private static final long SEED = 20260101;
    private static final int RANDOM_SURVIVALS = 6;
    private static final List<GroupId> GROUPS =
            List.of(GroupId.of("a"), GroupId.of("b"), GroupId.of("c"));

    @Test
    void atEveryPointAllThatWasAcknowledgedIsFoundAndNothingInvented() throws IOException {
        CrashDisk whole = new CrashDisk();
        workload(whole, new Ledger());
        long points = whole.operations();
        assertThat(whole.list()).as("the workload rolls").hasSizeGreaterThan(6);
        int runs = 0;
        for (long point = 1; point <= points; point++) {
            for (int survival = 0; survival < 2 + RANDOM_SURVIVALS; survival++) {
                crashOnce(point, survival);
                runs++;
            }
        }
        System.out.println("crash points: " + points + ", runs: " + runs);
    }

    @Test
    void crashWhileReopeningIsSurvivedToo() throws IOException {
        CrashDisk whole = new CrashDisk();
        workload(whole, new Ledger());
        int runs = 0;
        for (long point = 1; point <= whole.operations(); point++) {
            for (int second = 1; ; second++) {
                Ledger ledger = new Ledger();
                Random random = new Random(SEED + point * 1000 + second);
                CrashDisk disk =
                        crashed(point, ledger).afterCrash(CrashDisk.Survival.random(random));
                try {
                    ledger.checkReopened(Samples.open(disk.crashAt(second), point));
                } catch (IOException e) {
                    assertThat(disk.operations()).as("%s", e).isGreaterThanOrEqualTo(second);
                }
                CrashDisk again = disk.afterCrash(CrashDisk.Survival.random(random));
                goOn(again, ledger);
                runs++;
                if (disk.operations() < second) {
                    break; // reopening has no such change
                }
            }
        }
        System.out.println("runs with a second crash: " + runs);
    }

    @Test
    void remainsOfATornBatchNeverMixWithALaterOneOfTheSameShape() throws IOException {
        CrashDisk base = new CrashDisk();
        LogStore first = Samples.open(base, 1);
        first.replica(GROUPS.get(0));
        first.append(Samples.term(GROUPS.get(0), 2));
        first.sync();
        first.close();
        for (int seed = 0; seed < 1000; seed++) {
            Random random = new Random(SEED + seed);
            CrashDisk disk = crashInSync(base.copy(), 1, random);
            disk = crashInSync(disk, 2, random);
            try (LogStore store = Samples.open(disk, seed)) {
                assertThat(store.replica(GROUPS.get(0)).lastIndex())
                        .as("%d", seed)
                        .isBetween(0L, 2L);
            } catch (IOException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static CrashDisk crashInSync(CrashDisk disk, long term, Random random)
            throws IOException {
        LogStore store = Samples.open(disk, term);
        long last = store.replica(GROUPS.get(0)).lastIndex();
        store.append(
                Samples.entries(
                        GROUPS.get(0), Samples.entry(Math.max(term, last), last + 1, 1200)));
        disk.crashAt(disk.operations() + 2);
        assertThatThrownBy(store::sync).isInstanceOf(IOException.class);
        return disk.afterCrash(CrashDisk.Survival.random(random));
    }

    private static void crashOnce(long point, int survival) throws IOException {
        Ledger ledger = new Ledger();
        CrashDisk disk = crashed(point, ledger);
        CrashDisk.Survival chosen =
                switch (survival) {
                    case 0 -> CrashDisk.Survival.nothing();
                    case 1 -> CrashDisk.Survival.everything();
                    default -> CrashDisk.Survival.random(new Random(SEED + point * 100 + survival));
                };
        try {
            goOn(disk.afterCrash(chosen), ledger);
        } catch (IOException | AssertionError e) {
            throw new AssertionError("crash point " + point + ", survival " + survival, e);
        }
    }

    private static CrashDisk crashed(long point, Ledger ledger) {
        CrashDisk disk = new CrashDisk().crashAt(point);
        try {
            workload(disk, ledger);
        } catch (IOException e) {
            assertThat(disk.operations()).as("%s", e).isGreaterThanOrEqualTo(point);
        }
        return disk;
    }

    /** Opens, checks, writes more, and finds that again. */
    private static void goOn(CrashDisk disk, Ledger ledger) throws IOException {
        LogStore store = Samples.open(disk, 99);
        ledger.checkReopened(store);
        ledger.make(store, GROUPS.get(0));
        write(store, ledger, GROUPS.get(0), 3000, 2);
        ledger.sync(store);
        store.close();
        LogStore last = Samples.open(disk, 100);
        ledger.checkReopened(last);
        last.close();
    }

    private static void workload(CrashDisk disk, Ledger ledger) throws IOException {
        Random random = new Random(SEED);
        for (int boot = 0; boot < 2; boot++) {
            LogStore store = Samples.open(disk, boot);
            ledger.checkReopened(store);
            ledger.meetPeer(store);
            ledger.meetPeer(store);
            for (GroupId group : GROUPS) {
                ledger.make(store, group);
                ledger.append(
                        store,
                        new ReplicaWrite(group, Samples.founding(boot == 1), null, 0, List.of()));
            }
            for (int i = 0; i < 18; i++) {
                for (int writes = random.nextInt(3) + 1; writes > 0; writes--) {
                    GroupId group = GROUPS.get(random.nextInt(GROUPS.size()));
                    write(
                            store,
                            ledger,
                            group,
                            random.nextInt(8) == 0 ? 6000 : 700,
                            random.nextInt(4));
                }
                ledger.sync(store);
            }
            write(store, ledger, GROUPS.get(0), 100, 1);
            store.close();
        }
    }

    /** A new term, a truncation where there is something to cut, and some entries. */
    private static void write(LogStore store, Ledger ledger, GroupId group, int bytes, int count)
            throws IOException {
        Ledger.State state = ledger.last(group);
        long term = state.hardState().term() + 1;
        ReplicaId vote = term % 2 == 0 ? Samples.replica("n2", 2) : null;
        int size = state.entries().size();
        long cut = term % 3 == 0 && size > 2 ? size - 1 : 0;
        long next = cut > 0 ? cut : size + 1;
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(Samples.entry(term, next + i, bytes));
        }
        ledger.append(
                store, new ReplicaWrite(group, null, new HardState(term, vote), cut, entries));
    }
}
