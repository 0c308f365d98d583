package dev.lockstep.raft.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.model.WrittenLog;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.RaftMetrics;
import dev.lockstep.raft.spi.ReplicaWrite;
import dev.lockstep.raft.spi.SnapshotStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class LogWriterTest {
    private final List<String> calls = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final ManualLoop logLoop = new ManualLoop();
    private static final long LOOK_NANOS = 1000;
    private Throwable failAppend;
    private String failAppendOf = "";
    private final List<Long> truncations = new ArrayList<>();
    private Throwable failSync;

    /** How often it is to be synced until the full log has nothing more to free. */
    private int freeing;

    private DiskFullException full;
    private Runnable whileSyncing = () -> {};
    private final LogWriter writer =
            new LogWriter(
                    new Recording(),
                    logLoop,
                    Clock.SYSTEM,
                    LOOK_NANOS,
                    new Telling(),
                    RaftMetrics.NONE,
                    FlightRecorder::noSync);

    private final class Telling implements LogWriter.Watch {
        @Override
        public void written(
                List<LogWriter.Job> durable,
                List<LogWriter.Refused> refused,
                DiskFullException full) {
            durable.forEach(job -> job.whenDurable().run());
            refused.forEach(each -> each.job().whenRefused().accept(each.log()));
            if (full != null) {
                told.add("no room");
            }
        }

        @Override
        public void full(DiskFullException why) {
            told.add("nothing written");
        }

        @Override
        public void failed(Fault fault) {
            told.add(fault.code().name());
        }
    }

    /** Fails as it is told, and notes what it is asked for. */
    private final class Recording implements LogStore {
        @Override
        public HostIdentity identity() {
            return new HostIdentity(new ClusterId("c"), NodeId.of("n1"), new UUID(1, 1), 1, 1);
        }

        @Override
        public RecoveredReplica replica(GroupId group, boolean asWitness) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void append(ReplicaWrite write) throws IOException {
            calls.add("append " + write.group());
            truncations.add(write.truncateFrom());
            rethrow(failAppend);
            if (write.group().name().equals(failAppendOf)) {
                throw new DiskFullException("no room");
            }
        }

        @Override
        public WrittenLog written(GroupId group) {
            return new WrittenLog(HardState.INITIAL, LogPosition.ZERO, List.of(), 7);
        }

        @Override
        public DiskFullException diskFull() {
            return full;
        }

        @Override
        public boolean isFreeing() {
            return freeing > 0;
        }

        @Override
        public void lookForRoom() {
            calls.add("look");
        }

        @Override
        public void sync() throws IOException {
            whileSyncing.run();
            calls.add("sync");
            freeing--;
            rethrow(failSync);
        }

        private void rethrow(Throwable failure) throws IOException {
            if (failure instanceof IOException io) {
                throw io;
            } else if (failure instanceof RuntimeException runtime) {
                throw runtime;
            } else if (failure instanceof Error error) {
                throw error;
            }
        }

        @Override
        public List<Entry> read(GroupId group, long from, int maxBytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public SnapshotStore snapshots() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    private void add(String group) {
        add(group, new LogWriter.Lane(), List.of());
    }

    private void add(String group, LogWriter.Lane lane, List<Entry> entries) {
        writer.add(
                new LogWriter.Job(
                        new ReplicaWrite(GroupId.of(group), null, null, 0, entries),
                        lane,
                        lane.told(),
                        Clock.SYSTEM.nanoTime(),
                        () -> told.add(group + " durable"),
                        log -> {
                            lane.tell();
                            told.add(group + " refused behind " + log.lastIndex());
                        }));
    }

    @Test
    void manyJobsShareOneSyncInOrder() {
        add("a");
        add("b");
        writer.kick();
        add("c");
        writer.kick();
        logLoop.runAll();
        assertThat(calls).containsExactly("append a", "append b", "append c", "sync");
        assertThat(told).containsExactly("a durable", "b durable", "c durable");
    }

    @Test
    void aFullLogIsSyncedUntilItFreesNoMoreAndWritesComeInBetween() {
        freeing = 3;
        add("a");
        writer.kick();
        whileSyncing =
                () -> {
                    if (freeing == 2) {
                        add("b");
                        writer.kick();
                    }
                };
        logLoop.runAll();
        assertThat(calls).containsExactly("append a", "sync", "sync", "append b", "sync");
        assertThat(told).containsExactly("a durable", "b durable");
    }

    @Test
    void whatIsNotDurableIsCountedAndItsAgeGrows() {
        assertThat(writer.depth()).isZero();
        assertThat(writer.oldestUnsyncedNanos()).isZero();
        add("a");
        add("b");
        assertThat(writer.depth()).isEqualTo(2);
        long before = writer.oldestUnsyncedNanos();
        assertThat(writer.oldestUnsyncedNanos()).isGreaterThan(before);
        whileSyncing =
                () -> {
                    told.add(writer.depth() + " unsynced");
                    assertThat(writer.oldestUnsyncedNanos()).isGreaterThan(before);
                };
        writer.kick();
        logLoop.runAll();
        assertThat(told).containsExactly("2 unsynced", "a durable", "b durable");
        assertThat(writer.depth()).isZero();
        assertThat(writer.oldestUnsyncedNanos()).isZero();
    }

    @Test
    void whatAFullDiskHoldsBackIsCounted() {
        failSync = new DiskFullException("no room");
        add("a");
        writer.kick();
        logLoop.runAll();
        assertThat(writer.depth()).isEqualTo(1);
        assertThat(writer.oldestUnsyncedNanos()).isPositive();
        assertThat(writer.broken()).isNull();
    }

    @Test
    void nothingIsWrittenBeforeTheKick() {
        add("a");
        logLoop.runAll();
        assertThat(calls).isEmpty();
    }

    @Test
    void aKickWithoutJobsSyncsNothing() {
        writer.kick();
        logLoop.runAll();
        add("a");
        writer.kick();
        logLoop.runAll();
        writer.kick();
        logLoop.runAll();
        assertThat(calls).containsExactly("append a", "sync");
    }

    @TestFactory
    Stream<DynamicTest> afterAnyFailureNothingIsWrittenSyncedOrToldDurableAgain() {
        return Stream.of(
                        new IOException("Input/output error"),
                        new UncheckedIOException(new IOException("unmapped")),
                        new IllegalStateException("closed"),
                        new LinkageError("no class for the page"),
                        new InternalError("a fault occurred in an unsafe memory access"))
                .flatMap(
                        failure ->
                                Stream.of(
                                        DynamicTest.dynamicTest(
                                                "append: " + failure,
                                                () -> new LogWriterTest().poisons(failure, null)),
                                        DynamicTest.dynamicTest(
                                                "sync: " + failure,
                                                () -> new LogWriterTest().poisons(null, failure))));
    }

    private void poisons(Throwable onAppend, Throwable onSync) {
        add("a");
        writer.kick();
        logLoop.runAll();
        failAppend = onAppend;
        failSync = onSync;
        add("b");
        writer.kick();
        if (onAppend instanceof Error || onSync instanceof Error) {
            assertThatThrownBy(logLoop::runAll).isIn(onAppend, onSync); // the loop reports it
        } else {
            logLoop.runAll();
        }
        failAppend = null;
        failSync = null;
        int callsBefore = calls.size();
        add("c");
        writer.kick();
        logLoop.runAll();
        assertThat(told).containsExactly("a durable", "STORAGE_FAILED", "STORAGE_FAILED");
        assertThat(calls).hasSize(callsBefore);
    }

    @Test
    void aNamedFaultKeepsItsName() {
        failSync = new StorageException(new Fault(Fault.Code.LOG_GAP, "segment 7 is missing"));
        add("a");
        writer.kick();
        logLoop.runAll();
        assertThat(told).containsExactly("LOG_GAP");
    }

    private static final List<Entry> ENTRIES =
            List.of(new Entry(1, 1, EntryKind.COMMAND, 0, Payload.EMPTY));

    @Test
    void onAFullDiskAWriteWithEntriesIsRefusedAndWhatItsReplicaSentBehindItIsForgotten() {
        LogWriter.Lane lane = new LogWriter.Lane();
        failAppend = new DiskFullException("no room");
        add("a", lane, ENTRIES);
        add("a", lane, List.of());
        writer.kick();
        logLoop.runAll();
        assertThat(calls).containsExactly("append a", "sync");
        assertThat(told).containsExactly("a refused behind 7", "no room");
        failAppend = null;
        add("a", lane, List.of());
        writer.kick();
        logLoop.runAll();
        assertThat(told).endsWith("a durable");
    }

    @Test
    void aStoreThatWasOpenedOnAFullDiskIsToldAtOnceAndLooksForRoom() {
        writer.start();
        logLoop.runAll();
        assertThat(told).as("where there is room").isEmpty();
        assertThat(calls).isEmpty();
        full = new DiskFullException("no room");
        writer.start();
        logLoop.runAll();
        assertThat(told).containsExactly("no room");
        full = null;
        logLoop.fireTimers();
        assertThat(calls).containsExactly("sync", "look", "sync");
        assertThat(told).as("there is room").containsExactly("no room");
    }

    @Test
    void whatNeedsNoRoomForEntriesIsWrittenBesideWhatIsRefused() {
        add("b");
        failAppendOf = "a";
        add("a", new LogWriter.Lane(), ENTRIES);
        add("c");
        writer.kick();
        logLoop.runAll();
        assertThat(told).containsExactly("b durable", "c durable", "a refused behind 7", "no room");
    }

    @Test
    void whatNotEvenTheReserveTakesWaitsUntilThereIsRoom() {
        failAppendOf = "a";
        add("a");
        add("b");
        writer.kick();
        logLoop.runAll();
        assertThat(told).containsExactly("no room");
        logLoop.fireTimers();
        assertThat(calls).containsExactly("append a", "sync", "look", "append a", "sync");
        failAppendOf = "";
        logLoop.fireTimers();
        assertThat(told).containsExactly("no room", "no room", "a durable", "b durable");
        logLoop.fireTimers();
        assertThat(calls.stream().filter("look"::equals)).as("looks no more").hasSize(2);
    }

    /** The log ends at 7 when it is asked, so what reached from 8 on is gone already. */
    @Test
    void ofAWriteThatWaitsOnlyWhatWasNotTakenIsWrittenAgain() {
        failAppendOf = "a";
        for (long from : new long[] {8, 7}) {
            writer.add(
                    new LogWriter.Job(
                            new ReplicaWrite(GroupId.of("a"), null, null, from, List.of()),
                            new LogWriter.Lane(),
                            0,
                            0,
                            () -> told.add("cut from " + from),
                            log -> {}));
        }
        writer.kick();
        logLoop.runAll();
        failAppendOf = "";
        logLoop.fireTimers();
        assertThat(truncations).containsExactly(8L, 0L, 7L);
        assertThat(told).containsExactly("no room", "cut from 8", "cut from 7");
    }

    @Test
    void aSyncForWhichThereIsNoRoomIsTriedAgainWithAllThatWasAppended() {
        failSync = new DiskFullException("no room");
        add("a");
        writer.kick();
        logLoop.runAll();
        assertThat(told).containsExactly("nothing written");
        add("b");
        writer.kick();
        logLoop.runAll();
        failSync = null;
        logLoop.fireTimers();
        assertThat(calls).containsExactly("append a", "sync", "append b", "sync", "look", "sync");
        assertThat(told)
                .containsExactly("nothing written", "nothing written", "a durable", "b durable");
    }
}
