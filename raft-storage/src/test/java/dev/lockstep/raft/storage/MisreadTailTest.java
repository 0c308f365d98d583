package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static dev.lockstep.raft.storage.Samples.entries;
import static dev.lockstep.raft.storage.Samples.entry;
import static dev.lockstep.raft.storage.Samples.log;
import static dev.lockstep.raft.storage.Samples.term;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The log's end is read badly by one open, which goes on behind what it knows, and well by the next
 * one, which finds more than that one did.
 */
class MisreadTailTest {
    private static final String FIRST = Segment.name(1);
    private static final GroupId OTHER = GroupId.of("other");
    private static final GroupId LATE = GroupId.of("late");

    private final CrashDisk disk = new CrashDisk();
    private byte[] whole;
    private int tail;
    private int end;

    /** The last two batches hold entries and a term of one group, and all of another. */
    @BeforeEach
    void writeLog() throws IOException {
        try (LogStore store = Samples.open(disk, 1)) {
            for (GroupId group : List.of(GROUP, OTHER)) {
                HardState vote = new HardState(2, Samples.replica("n2", 2));
                store.replica(group);
                store.append(new ReplicaWrite(group, Samples.founding(true), vote, 0, List.of()));
            }
            store.append(entries(GROUP, entry(1, 1, 300)));
            store.append(entries(OTHER, entry(1, 1, 300)));
            store.sync();
            tail = endOfLog();
            store.append(entries(GROUP, entry(2, 2, 900), entry(2, 3, 40)));
            store.append(term(OTHER, 3));
            store.sync();
            store.replica(LATE);
            store.append(term(LATE, 2));
            store.append(entries(LATE, entry(2, 1, 600)));
            store.sync();
        }
        whole = disk.bytes(FIRST);
        end = endOfLog();
    }

    private int endOfLog() {
        byte[] bytes = disk.bytes(FIRST);
        int at = bytes.length;
        while (bytes[at - 1] == 0) {
            at--;
        }
        return (at + Blocks.BYTES - 1) / Blocks.BYTES;
    }

    @Test
    void aTailThatIsReadBadlyOnceAndRightTheNextTimeOpens() throws IOException {
        Set<String> outcomes = new TreeSet<>();
        for (int from = tail; from <= end; from++) {
            for (int until = from + 1; until <= end + 1; until++) {
                byte[] misread = whole.clone();
                for (int block = from; block < until; block++) {
                    misread[block * Blocks.BYTES + 100] ^= 4;
                }
                String what = "blocks " + from + " to " + until + " of " + tail + " to " + end;
                for (boolean opensLate : new boolean[] {false, true}) {
                    CrashDisk now = disk.copy().put(FIRST, misread);
                    outcomes.add(goesOnAsItSaid(now, opensLate, what));
                }
            }
        }
        assertThat(outcomes).containsExactly("began anew", "entries lost", "whole");
    }

    /** Opens it as it is, goes on, and opens it again as it was. */
    private String goesOnAsItSaid(CrashDisk now, boolean opensLate, String what)
            throws IOException {
        RecoveredReplica said;
        RecoveredReplica other;
        RecoveredReplica late = null;
        try (LogStore store = Samples.open(now, 2)) {
            said = store.replica(GROUP);
            if (opensLate) {
                late = store.replica(LATE);
            }
            Entry next = entry(9, said.lastIndex() + 1, 50);
            store.append(term(GROUP, 9));
            store.append(entries(GROUP, next));
            store.append(term(OTHER, 9));
            store.sync();
            other = store.replica(OTHER);
        }
        if (now.list().contains(FIRST)) {
            now.put(FIRST, mended(now.bytes(FIRST)));
        }
        for (long life = 3; life <= 5; life++) {
            try (LogStore store = Samples.open(now, life)) {
                RecoveredReplica found = store.replica(GROUP);
                assertThat(found.id()).as(what).isEqualTo(said.id());
                assertThat(found.beganAnew()).as(what).isEqualTo(said.beganAnew());
                assertThat(found.hardState()).as(what).isEqualTo(new HardState(9, null));
                assertThat(found.lastIndex()).as(what).isEqualTo(said.lastIndex() + 1);
                assertThat(found.damaged()).as("%s: they are there", what).isEmpty();
                assertThat(log(store, GROUP)).as(what).hasSize((int) found.lastIndex());
                assertThat(store.replica(OTHER)).as(what).isEqualTo(other);
                if (late != null) {
                    assertThat(store.replica(LATE).id()).as(what).isEqualTo(late.id());
                }
                late = store.replica(LATE);
            }
        }
        if (said.beganAnew() != null) {
            return "began anew";
        }
        return said.damaged().isEmpty() ? "whole" : "entries lost";
    }

    /** With the blocks that were read badly as they are, where nothing was written since. */
    private byte[] mended(byte[] bytes) {
        byte[] mended = bytes.clone();
        for (int block = tail; block <= end; block++) {
            int at = block * Blocks.BYTES + 100;
            mended[at] = bytes[at] == (byte) (whole[at] ^ 4) ? whole[at] : bytes[at];
        }
        return mended;
    }

    @Test
    void anEntryThatTheDiskDidNotReadOnceIsReadWhereItStands() throws IOException {
        CrashDisk now = disk.copy();
        long offset = (tail + 1L) * Blocks.BYTES; // in the middle of the larger entry
        try (LogStore store = Samples.open(new UnreadableDisk(now, FIRST, offset), 2)) {
            assertThat(store.replica(GROUP).damaged()).containsExactly(new LogPosition(2, 2));
        }
        try (LogStore store = Samples.open(now, 3)) {
            assertThat(store.replica(GROUP).damaged()).isEmpty();
            assertThat(log(store, GROUP))
                    .containsExactly(entry(1, 1, 300), entry(2, 2, 900), entry(2, 3, 40));
        }
    }

    @Test
    void batchesThatAreGoneBeforeACheckpointCostNothingButEntries() throws IOException {
        RecoveredReplica before;
        try (LogStore store = Samples.open(disk, 2)) {
            store.append(entries(GROUP, entry(2, 4, 500)));
            store.append(term(GROUP, 5));
            store.sync();
            while (!disk.list().contains(Segment.name(3))) {
                store.append(term(OTHER, store.written(OTHER).hardState().term() + 1));
                store.sync();
            }
            before = store.replica(GROUP);
        }
        disk.put(FIRST, whole); // as a write that the disk acknowledged and lost leaves it
        try (LogStore store = Samples.open(disk, 3)) {
            RecoveredReplica found = store.replica(GROUP);
            assertThat(found.beganAnew()).isNull();
            assertThat(found.hardState()).isEqualTo(before.hardState());
            assertThat(found.terms()).isEqualTo(before.terms());
            assertThat(found.lastIndex()).isEqualTo(4);
            assertThat(found.damaged()).containsExactly(new LogPosition(2, 4));
            assertThat(found.damage().message())
                    .contains(Segment.name(2) + " at offset " + Blocks.BYTES + " ");
        }
    }

    @Test
    void whatWasNotReadOnceAndIsGivenUpDoesNotComeBack() throws IOException {
        CrashDisk now = disk.copy().put(FIRST, whole.clone());
        for (int block = tail; block < end; block++) {
            now.flip(FIRST, block * Blocks.BYTES + 200);
        }
        Samples.open(now, 2).close(); // nobody asks for a group
        now.put(FIRST, whole);
        try (LogStore store = Samples.open(now, 3)) {
            for (GroupId group : List.of(GROUP, OTHER, LATE)) {
                assertThat(store.replica(group).beganAnew()).as("%s", group).isNotNull();
            }
        }
    }
}
