package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entries;
import static dev.lockstep.raft.storage.Samples.entry;
import static dev.lockstep.raft.storage.Samples.founding;
import static dev.lockstep.raft.storage.Samples.log;
import static dev.lockstep.raft.storage.Samples.replica;
import static dev.lockstep.raft.storage.Samples.term;
import static dev.lockstep.raft.storage.Samples.truncation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStorageTest {
    @TempDir Path directory;

    private LogStore open() throws IOException {
        return FileStorage.in(directory.resolve("not/there/yet"))
                .withSegmentBytes(64 << 10)
                .open(Samples.CLUSTER, Samples.NODE);
    }

    @Test
    void whatWasSyncedIsFoundAgain() throws IOException {
        Entry noOp = new Entry(3, 1, EntryKind.NO_OP, 5, Payload.EMPTY);
        Entry configuration = new Entry(3, 2, EntryKind.CONFIGURATION, 6, Payload.of("abc"));
        HardState hardState = new HardState(3, replica("n2", 2));
        RecoveredReplica before;
        try (LogStore store = open()) {
            assertThat(store.replica(GROUP).hardState()).isEqualTo(HardState.INITIAL);
            store.append(
                    new ReplicaWrite(
                            GROUP, founding(false), hardState, 0, List.of(noOp, configuration)));
            store.append(entries(GROUP, entry(3, 3, 5000)));
            store.sync();
            before = store.replica(GROUP);
        }
        try (LogStore store = open()) {
            RecoveredReplica after = store.replica(GROUP);
            assertThat(after).isEqualTo(before);
            assertThat(after.founding()).isEqualTo(founding(false));
            assertThat(after.hardState()).isEqualTo(hardState);
            assertThat(after.base()).isEqualTo(LogPosition.ZERO);
            assertThat(after.terms()).containsExactly(new LogPosition(3, 1));
            assertThat(log(store, GROUP)).containsExactly(noOp, configuration, entry(3, 3, 5000));
        }
    }

    @Test
    void unsyncedEntriesAreReadableTogetherWithSyncedOnes() throws IOException {
        try (LogStore store = open()) {
            store.replica(GROUP);
            store.append(term(GROUP, 1));
            store.append(entries(GROUP, entry(1, 1, 10), entry(1, 2, 10)));
            store.sync();
            store.append(entries(GROUP, entry(1, 3, 10)));
            assertThat(store.read(GROUP, 2, 1000))
                    .containsExactly(entry(1, 2, 10), entry(1, 3, 10));
            assertThat(store.read(GROUP, 3, 1)).containsExactly(entry(1, 3, 10));
        }
    }

    @Test
    void readStopsBeforeTheByteBoundAndTheFirstAlwaysComes() throws IOException {
        try (LogStore store = open()) {
            store.replica(GROUP);
            store.append(term(GROUP, 1));
            store.append(entries(GROUP, entry(1, 1, 36), entry(1, 2, 36), entry(1, 3, 36)));
            for (int synced = 0; synced < 2; synced++) {
                assertThat(store.read(GROUP, 1, 0)).hasSize(1);
                assertThat(store.read(GROUP, 1, 199)).hasSize(1);
                assertThat(store.read(GROUP, 1, 200)).hasSize(2);
                assertThat(store.read(GROUP, 1, 300)).hasSize(3);
                store.sync();
            }
            assertThatThrownBy(() -> store.read(GROUP, 4, 100))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.read(GROUP, 0, 100))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void truncatedEntriesAreReplacedBeforeAndAfterReopening() throws IOException {
        try (LogStore store = open()) {
            store.replica(GROUP);
            store.append(term(GROUP, 1));
            store.append(entries(GROUP, entry(1, 1, 10), entry(1, 2, 10), entry(1, 3, 10)));
            store.sync();
            store.append(term(GROUP, 4));
            store.append(entries(GROUP, entry(4, 4, 10)));
            store.append(truncation(GROUP, 2, entry(4, 2, 700)));
            assertThat(log(store, GROUP)).containsExactly(entry(1, 1, 10), entry(4, 2, 700));
            store.sync();
        }
        try (LogStore store = open()) {
            assertThat(log(store, GROUP)).containsExactly(entry(1, 1, 10), entry(4, 2, 700));
            assertThat(store.replica(GROUP).terms())
                    .containsExactly(new LogPosition(1, 1), new LogPosition(4, 2));
            store.append(truncation(GROUP, 1));
            store.sync();
        }
        try (LogStore store = open()) {
            assertThat(store.replica(GROUP).lastIndex()).isZero();
            assertThat(store.replica(GROUP).terms()).isEmpty();
            assertThat(store.replica(GROUP).hardState().term()).isEqualTo(4);
        }
    }

    @Test
    void logRollsThroughManySegmentsAndStaysWhole() throws IOException {
        List<Entry> written = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            try (LogStore store = open()) {
                if (store.replica(GROUP).hardState().term() == 0) {
                    store.append(term(GROUP, 1));
                }
                for (int i = 0; i < 100; i++) {
                    Entry next = entry(1, written.size() + 1, 3000);
                    store.append(entries(GROUP, next));
                    store.sync();
                    written.add(next);
                }
                assertThat(log(store, GROUP)).isEqualTo(written);
            }
        }
        try (LogStore store = open()) {
            assertThat(log(store, GROUP)).isEqualTo(written);
        }
        assertThat(directory.resolve("not/there/yet").toFile().list()).hasSizeGreaterThan(14);
    }

    @Test
    void batchBeyondTheSegmentIsSplitAndAnEntryBeyondItGetsALargerSegment() throws IOException {
        List<Entry> many = new ArrayList<>();
        for (int i = 1; i <= 200; i++) {
            many.add(entry(1, i, 1000));
        }
        many.add(entry(1, 201, 300_000));
        many.add(entry(1, 202, 10));
        try (LogStore store = open()) {
            store.replica(GROUP);
            store.append(new ReplicaWrite(GROUP, null, new HardState(1, null), 0, many));
            assertThat(log(store, GROUP)).isEqualTo(many);
            store.sync();
            assertThat(log(store, GROUP)).isEqualTo(many);
        }
        try (LogStore store = open()) {
            assertThat(log(store, GROUP)).isEqualTo(many);
        }
    }

    @Test
    void groupsShareTheLogAndEachHasItsOwnIncarnationForGood() throws IOException {
        List<RecoveredReplica> before = new ArrayList<>();
        try (LogStore store = open()) {
            for (int i = 0; i < 300; i++) {
                GroupId group = GroupId.of("g" + i);
                store.replica(group);
                store.append(
                        new ReplicaWrite(
                                group,
                                founding(true),
                                new HardState(2, null),
                                0,
                                List.of(entry(2, 1, i))));
            }
            store.sync();
            for (int i = 0; i < 300; i++) {
                before.add(store.replica(GroupId.of("g" + i)));
            }
        }
        assertThat(before).extracting(RecoveredReplica::id).doesNotHaveDuplicates();
        try (LogStore store = open()) {
            for (int i = 0; i < 300; i++) {
                assertThat(store.replica(GroupId.of("g" + i))).isEqualTo(before.get(i));
                assertThat(log(store, GroupId.of("g" + i))).containsExactly(entry(2, 1, i));
            }
        }
    }

    @Test
    void writeThatBreaksTheLogsRulesIsRefusedAndNothingOfItTaken() throws IOException {
        try (LogStore store = open()) {
            store.replica(GROUP);
            store.append(
                    new ReplicaWrite(
                            GROUP, null, new HardState(5, replica("n1", 1)), 0, List.of()));
            store.append(entries(GROUP, entry(4, 1, 1), entry(5, 2, 1)));
            List.of(
                            entries(GROUP, entry(5, 4, 1)),
                            entries(GROUP, entry(4, 3, 1)),
                            entries(GROUP, entry(6, 3, 1)),
                            truncation(GROUP, 3),
                            truncation(GROUP, -1),
                            truncation(GROUP, 2, entry(3, 2, 1)),
                            term(GROUP, 4),
                            term(GROUP, 5),
                            new ReplicaWrite(
                                    GROUP, null, new HardState(5, replica("n2", 2)), 0, List.of()),
                            term(GroupId.of("unknown"), 1))
                    .forEach(
                            write ->
                                    assertThatThrownBy(() -> store.append(write))
                                            .as("%s", write)
                                            .isInstanceOf(IllegalArgumentException.class));
            assertThat(log(store, GROUP)).containsExactly(entry(4, 1, 1), entry(5, 2, 1));
            assertThat(store.replica(GROUP).hardState())
                    .isEqualTo(new HardState(5, replica("n1", 1)));
            store.sync();
        }
    }

    @Test
    void segmentSizeIsChecked() {
        for (int bytes : new int[] {0, 4096, 8191, 10_000, -8192, (1 << 30) + 4096}) {
            assertThatThrownBy(() -> FileStorage.in(directory).withSegmentBytes(bytes))
                    .as("%d", bytes)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
