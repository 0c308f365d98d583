package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import dev.lockstep.raft.spi.SnapshotReader;
import dev.lockstep.raft.spi.SnapshotSection;
import dev.lockstep.raft.spi.SnapshotStore;
import dev.lockstep.raft.spi.SnapshotWriter;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The power goes at each change of the disk while snapshots are published, logs cut, segments freed
 * and used again, entries written forward, and a fetched snapshot takes the place of a log.
 */
class SnapshotCrashTest {
    private static final long SEED = 20260202;
    private static final int SURVIVALS = 6;
    private static final GroupId A = GroupId.of("a");
    private static final GroupId B = GroupId.of("b");
    private static final long TERM = 3;

    /** Takes no snapshot ever, and holds a single entry; so that is written forward. */
    private static final GroupId QUIET = GroupId.of("quiet");

    private static final Entry CONFIGURATION =
            new Entry(TERM, 1, EntryKind.CONFIGURATION, 5, Payload.of("members"));

    /** What one group's replica was told to be durable. */
    private static final class Promise {
        long lastIndex;
        long snapshotIndex;
        long base;
    }

    private final Map<GroupId, Promise> promises = new TreeMap<>(Map.of(A, new Promise()));

    private Promise promise(GroupId group) {
        return promises.computeIfAbsent(group, g -> new Promise());
    }

    @Test
    void atEveryPointTheNewestSnapshotIsWholeAndTheLogLeadsOnFromIt() throws IOException {
        CrashDisk whole = new CrashDisk();
        workload(whole);
        long points = whole.operations();
        assertThat(whole.list()).as("segments are freed").doesNotContain(Segment.name(1));
        assertThat(RecyclingTest.oldBlocks(whole)).as("segments are recycled").isPositive();
        int runs = 0;
        for (long point = 1; point <= points; point++) {
            for (int survival = 0; survival < SURVIVALS; survival++) {
                crashOnce(point, survival);
                runs++;
            }
        }
        System.out.println("crash points with snapshots: " + points + ", runs: " + runs);
    }

    /**
     * What a first crash left may have to be mended at the open, and that may be cut short, too.
     */
    @Test
    void aCrashWhileReopeningBehindASnapshotIsSurvivedToo() throws IOException {
        CrashDisk whole = new CrashDisk();
        workload(whole);
        int runs = 0;
        for (long point = 1; point <= whole.operations(); point++) {
            Random random = new Random(SEED + point);
            long again = 1;
            boolean crashed = true;
            while (crashed) {
                CrashDisk disk = crashed(point);
                CrashDisk reopened = disk.afterCrash(CrashDisk.Survival.random(new Random(point)));
                crashed = reopenUntil(reopened, again);
                try {
                    CrashDisk after = reopened.afterCrash(CrashDisk.Survival.random(random));
                    check(after);
                    check(after);
                } catch (IOException | AssertionError e) {
                    throw new AssertionError("crash point " + point + ", then " + again, e);
                }
                again++;
                runs++;
            }
        }
        System.out.println("crashes while reopening behind snapshots: " + runs);
    }

    /** Whether the crash came before all was open. */
    private static boolean reopenUntil(CrashDisk disk, long operation) {
        disk.crashAt(operation);
        try (LogStore store = Samples.open(disk, 98)) {
            for (GroupId group : List.of(A, B)) {
                store.replica(group);
            }
            store.sync();
            return false;
        } catch (IOException e) {
            assertThat(disk.operations()).as("%s", e).isGreaterThanOrEqualTo(operation);
            return true;
        }
    }

    private CrashDisk crashed(long point) {
        promises.clear();
        CrashDisk disk = new CrashDisk().crashAt(point);
        try {
            workload(disk);
        } catch (IOException e) {
            assertThat(disk.operations()).as("%s", e).isGreaterThanOrEqualTo(point);
        }
        return disk;
    }

    private void crashOnce(long point, int survival) throws IOException {
        CrashDisk disk = crashed(point);
        CrashDisk.Survival chosen =
                switch (survival) {
                    case 0 -> CrashDisk.Survival.nothing();
                    case 1 -> CrashDisk.Survival.everything();
                    default -> CrashDisk.Survival.random(new Random(SEED + point * 100 + survival));
                };
        try {
            CrashDisk after = disk.afterCrash(chosen);
            check(after);
            check(after);
        } catch (IOException | AssertionError e) {
            throw new AssertionError("crash point " + point + ", survival " + survival, e);
        }
    }

    /** Opens it, compares with what was promised, and goes on. */
    private void check(CrashDisk disk) throws IOException {
        try (LogStore store = Samples.open(disk, 99)) {
            assertThat(disk.list()).noneMatch(name -> name.endsWith("taken.tmp"));
            assertThat(disk.list()).noneMatch(name -> name.endsWith("fetched.tmp"));
            for (Map.Entry<GroupId, Promise> group : promises.entrySet()) {
                check(store, group.getKey(), group.getValue());
            }
            assertThat(store.replica(QUIET).configurations())
                    .hasSize((int) store.replica(QUIET).lastIndex())
                    .allMatch(CONFIGURATION::equals);
            for (GroupId group : List.of(A, B)) {
                long last = store.replica(group).lastIndex();
                store.append(
                        new ReplicaWrite(
                                group, null, new HardState(TERM, null), 0, entries(last, 1)));
                store.sync();
                promise(group).lastIndex = last + 1;
            }
        }
    }

    private static void check(LogStore store, GroupId group, Promise promise) throws IOException {
        RecoveredReplica replica = store.replica(group);
        SnapshotMeta snapshot = replica.snapshot();
        long index = snapshot == null ? 0 : snapshot.position().index();
        assertThat(index).as("snapshot of %s", group).isGreaterThanOrEqualTo(promise.snapshotIndex);
        assertThat(replica.base().index()).isLessThanOrEqualTo(index);
        assertThat(replica.base().index()).isGreaterThanOrEqualTo(promise.base);
        assertThat(replica.lastIndex())
                .as("log of %s", group)
                .isGreaterThanOrEqualTo(Math.max(index, promise.lastIndex));
        if (snapshot != null) {
            readsBack(store, group, snapshot);
            assertThat(store.snapshots().list(group)).hasSize(1);
        }
        List<Entry> log = new ArrayList<>();
        while (replica.base().index() + log.size() < replica.lastIndex()) {
            log.addAll(store.read(group, replica.base().index() + log.size() + 1, 2_000));
        }
        assertThat(log)
                .isEqualTo(
                        group.equals(QUIET)
                                ? List.of(CONFIGURATION)
                                : entries(replica.base().index(), log.size()));
    }

    private static void readsBack(LogStore store, GroupId group, SnapshotMeta meta)
            throws IOException {
        SnapshotId id = store.snapshots().list(group).get(0);
        try (InputStream file = store.snapshots().open(group, id)) {
            SnapshotReader reader = new SnapshotReader(file, "test");
            assertThat(reader.meta()).isEqualTo(meta);
            DataInputStream state =
                    new DataInputStream(reader.section(SnapshotSection.APPLICATION));
            assertThat(state.readLong()).isEqualTo(meta.position().index());
            assertThat(reader.finish()).isEqualTo(id);
        }
    }

    private static List<Entry> entries(long after, int count) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            entries.add(Samples.entry(TERM, after + i, 900));
        }
        return entries;
    }

    private static SnapshotMeta meta(long index) {
        return new SnapshotMeta(
                new LogPosition(TERM, index), 0, Samples.founding(true).initial(), 2_000 + index);
    }

    private static SnapshotStore.Content state(long index) {
        return out -> {
            DataOutputStream data = new DataOutputStream(out.section(SnapshotSection.APPLICATION));
            data.writeLong(index);
            data.write(new byte[700]);
        };
    }

    private void workload(CrashDisk disk) throws IOException {
        LogStore store = Samples.open(disk, 1);
        var unused = store.replica(QUIET);
        store.append(
                new ReplicaWrite(
                        QUIET, null, new HardState(TERM, null), 0, List.of(CONFIGURATION)));
        store.sync();
        promise(QUIET).lastIndex = 1;
        for (GroupId group : List.of(A, B)) {
            store.replica(group);
            promise(group);
            store.append(
                    new ReplicaWrite(
                            group,
                            Samples.founding(true),
                            new HardState(TERM, null),
                            0,
                            List.of()));
        }
        for (int round = 0; round < 6; round++) {
            append(store, A, 5);
            append(store, B, 4);
            if (round % 2 == 1) {
                snapshot(store, A, promise(A).lastIndex - 1, 3);
                snapshot(store, B, promise(B).lastIndex, 0);
            }
        }
        install(store, B, promise(B).lastIndex + 50);
        append(store, B, 3);
        append(store, A, 12);
        snapshot(store, A, promise(A).lastIndex, 0);
        append(store, A, 14);
        snapshot(store, A, promise(A).lastIndex, 1);
        snapshot(store, B, promise(B).lastIndex, 0);
        append(store, A, 2);
        for (int round = 0; round < 3; round++) {
            append(store, B, 14);
            append(store, A, 14);
            snapshot(store, A, promise(A).lastIndex, 0);
            snapshot(store, B, promise(B).lastIndex - 2, 2);
        }
        append(store, A, 2);
        store.close();
    }

    private void append(LogStore store, GroupId group, int count) throws IOException {
        Promise promise = promise(group);
        store.append(new ReplicaWrite(group, null, null, 0, entries(promise.lastIndex, count)));
        store.sync();
        promise.lastIndex += count;
    }

    private void snapshot(LogStore store, GroupId group, long index, long kept) throws IOException {
        Promise promise = promise(group);
        List<SnapshotId> older = store.snapshots().list(group);
        SnapshotId unusedId = store.snapshots().write(group, meta(index), state(index));
        promise.snapshotIndex = index;
        LogPosition base = new LogPosition(TERM, index - kept);
        store.append(new ReplicaWrite(group, null, null, 0, base, List.of()));
        store.sync();
        promise.base = base.index();
        for (SnapshotId id : older) {
            store.snapshots().delete(group, id.position());
        }
    }

    /** A snapshot of another host, far ahead, comes in parts and takes the place of the log. */
    private void install(LogStore store, GroupId group, long index) throws IOException {
        long first = store.replica(group).base().index() + 1;
        boolean isEmpty = store.replica(group).lastIndex() < first;
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        SnapshotWriter writer = new SnapshotWriter(file, group, meta(index));
        state(index).writeTo(writer);
        SnapshotId id = writer.finish();
        byte[] bytes = file.toByteArray();
        SnapshotMeta received = null;
        for (int at = 0; at < bytes.length; at += 300) {
            byte[] part = Arrays.copyOfRange(bytes, at, Math.min(at + 300, bytes.length));
            received = store.snapshots().receive(group, id, at, Payload.wrap(part));
        }
        assertThat(received).isEqualTo(meta(index));
        Promise promise = promise(group);
        promise.snapshotIndex = index;
        store.append(
                new ReplicaWrite(
                        group,
                        null,
                        null,
                        isEmpty ? 0 : first,
                        new LogPosition(TERM, index),
                        List.of()));
        store.sync();
        promise.lastIndex = index;
        promise.base = index;
    }
}
