package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.NODE;
import static dev.lockstep.raft.storage.Samples.entry;
import static dev.lockstep.raft.storage.Samples.replica;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Records with right checksums that no correct writer can have written. */
class ReplayTest {
    private static final long KEY = GROUP.key();
    private static final ReplicaLog STRANGER = Samples.replicaLog(GROUP, 99);

    static Stream<Named<UnaryOperator<RecordDraft>>> impossible() {
        return Stream.of(
                Named.of("entry leaves a gap", draft -> draft.entry(KEY, entry(2, 3, 5))),
                Named.of(
                        "entry comes again in another term",
                        draft -> draft.entry(KEY, entry(3, 1, 5))),
                Named.of("entry's term goes back", draft -> draft.entry(KEY, entry(1, 2, 5))),
                Named.of("entry beyond the hard state", draft -> draft.entry(KEY, entry(4, 2, 5))),
                Named.of(
                        "entry of an unknown group",
                        draft -> draft.entry(GroupId.of("other").key(), entry(2, 2, 5))),
                Named.of("term goes back", draft -> draft.hardState(KEY, new HardState(2, null))),
                Named.of(
                        "second vote",
                        draft -> draft.hardState(KEY, new HardState(3, replica("n3", 3)))),
                Named.of("vote is lost", draft -> draft.hardState(KEY, new HardState(3, null))),
                Named.of("truncation behind the end", draft -> draft.truncation(KEY, 2)),
                Named.of("truncation at 0", draft -> draft.truncation(KEY, 0)),
                Named.of("another incarnation", draft -> draft.replica(STRANGER)),
                Named.of("checkpoint without a replica", draft -> draft.checkpointEnd(0, 0)));
    }

    @ParameterizedTest
    @MethodSource("impossible")
    void recordThatCannotFollowIsDamage(UnaryOperator<RecordDraft> record) throws IOException {
        CrashDisk disk = new CrashDisk();
        HostIdentity identity;
        try (LogStore store = Samples.open(disk, 1)) {
            identity = store.identity();
            store.replica(GROUP);
        }
        write(
                disk,
                identity,
                List.of(
                        draft -> draft.hardState(KEY, new HardState(3, replica("n2", 2))),
                        draft -> draft.entry(KEY, entry(2, 1, 5)),
                        record));
        assertThatThrownBy(() -> Samples.open(disk, 2))
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e -> assertThat(e.fault().code()).isEqualTo(Fault.Code.LOG_CORRUPT))
                .hasMessageContaining(Segment.name(1) + " at offset 1024");
    }

    @Test
    void logWithEntriesButWithoutHardStateIsDamage() throws IOException {
        CrashDisk disk = new CrashDisk();
        HostIdentity identity;
        try (LogStore store = Samples.open(disk, 1)) {
            identity = store.identity();
            store.replica(GROUP);
        }
        write(disk, identity, List.of(draft -> draft.entry(KEY, entry(1, 1, 5))));
        assertThatThrownBy(() -> Samples.open(disk, 2)).hasMessageContaining("LOG_CORRUPT");
    }

    private static void write(
            CrashDisk disk, HostIdentity identity, List<UnaryOperator<RecordDraft>> records)
            throws IOException {
        Recovery recovery =
                new Recovery(
                        disk,
                        NODE,
                        List.of(Segment.open(disk, 1, identity.incarnation())),
                        Runnable::run);
        SegmentMaker maker = new SegmentMaker(disk, identity.incarnation());
        LogWriter writer =
                new LogWriter(
                        recovery,
                        new Segments(recovery.used()),
                        new SegmentSupply(
                                maker, new Spares(disk, 32), 32, new Random(1), Runnable::run));
        for (UnaryOperator<RecordDraft> record : records) {
            writer.write(record.apply(new RecordDraft()));
        }
        writer.flush();
    }
}
