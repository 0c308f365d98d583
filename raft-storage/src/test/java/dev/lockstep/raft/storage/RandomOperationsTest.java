package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random operations on several groups beside the simplest model, with closes and crashes in
 * between.
 */
class RandomOperationsTest {
    private static final int STEPS = 600;

    static LongStream seeds() {
        Long one = Long.getLong("seed");
        return one != null ? LongStream.of(one) : LongStream.rangeClosed(1, 30);
    }

    @ParameterizedTest(name = "-Dseed={0}")
    @MethodSource("seeds")
    void storeAndModelAgree(long seed) throws IOException {
        Random random = new Random(seed);
        Ledger ledger = new Ledger();
        CrashDisk disk = new CrashDisk();
        LogStore store = Samples.open(disk, seed);
        ledger.checkReopened(store);
        for (int step = 0; step < STEPS; step++) {
            int dice = random.nextInt(100);
            if (dice < 70) {
                GroupId group = GroupId.of("g" + random.nextInt(4));
                ledger.make(store, group);
                ledger.append(store, write(random, group, ledger.last(group)));
            } else if (dice < 92) {
                ledger.sync(store);
            } else if (dice < 95) {
                ledger.checkOpen(store);
            } else {
                if (dice < 98) {
                    store.close();
                } else {
                    disk = disk.afterCrash(CrashDisk.Survival.random(random));
                }
                store = Samples.open(disk, random.nextLong());
                ledger.checkReopened(store);
            }
        }
        store.close();
    }

    private static ReplicaWrite write(Random random, GroupId group, Ledger.State state) {
        HardState hardState = state.hardState();
        if (hardState.term() == 0 || random.nextInt(4) == 0) {
            hardState = hardState.withTerm(hardState.term() + 1 + random.nextInt(3));
        }
        if (hardState.vote() == null && random.nextBoolean()) {
            hardState = hardState.withVote(Samples.replica("n" + random.nextInt(5), 1));
        }
        int size = state.entries().size();
        long cut =
                size > 0 && random.nextInt(10) == 0 ? size - random.nextInt(Math.min(size, 5)) : 0;
        long next = cut > 0 ? cut : size + 1;
        List<Entry> entries = new ArrayList<>();
        int most = random.nextInt(20) == 0 ? 20_000 : 600;
        for (int i = random.nextInt(4); i > 0; i--) {
            entries.add(Samples.entry(hardState.term(), next++, random.nextInt(most)));
        }
        return new ReplicaWrite(
                group,
                random.nextInt(10) == 0 ? Samples.founding(random.nextBoolean()) : null,
                random.nextBoolean() || state.hardState().term() < hardState.term()
                        ? hardState
                        : null,
                cut,
                entries);
    }
}
