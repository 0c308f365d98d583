package dev.lockstep.raft.storage;

import static dev.lockstep.raft.storage.Samples.GROUP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.SnapshotSection;
import dev.lockstep.raft.spi.SnapshotStore;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is in the directory while snapshots are written, fetched, set aside, and fail to be. */
class SnapshotFilesTest {
    private static final GroupId OTHER = GroupId.of("other");
    private static final int STATE_BYTES = 3000;
    private static final int CHUNK = 700;

    private final CrashDisk disk = new CrashDisk();
    private final OpenFilesDisk opened = new OpenFilesDisk(disk);
    private final SnapshotFiles files = on(opened);

    private static SnapshotFiles on(Disk disk) {
        return new SnapshotFiles(disk, new SnapshotRoom(disk, Samples.SMALL_SEGMENT, () -> false));
    }

    private static SnapshotMeta meta(LogPosition position) {
        return new SnapshotMeta(position, 0, Samples.founding(true).initial(), Long.MAX_VALUE);
    }

    private static SnapshotId write(SnapshotFiles files, GroupId group, LogPosition position)
            throws IOException {
        byte[] state = new byte[STATE_BYTES];
        new Random(position.index()).nextBytes(state);
        return files.write(
                group,
                meta(position),
                out -> out.section(SnapshotSection.APPLICATION).write(state));
    }

    /** A snapshot that another host has. */
    private static final class Source {
        final SnapshotFiles files = on(new CrashDisk());
        final SnapshotId id;

        Source(long index) throws IOException {
            id = write(files, GROUP, new LogPosition(1, index));
        }

        Payload part(long offset) throws IOException {
            return files.read(GROUP, id, offset, CHUNK);
        }
    }

    /** Fetches from one offset on until another; what the last part brought. */
    private SnapshotMeta fetch(Source source, long from, long until) throws IOException {
        SnapshotMeta last = null;
        for (long at = from; at < until; at += CHUNK) {
            last = files.receive(GROUP, source.id, at, source.part(at));
        }
        return last;
    }

    @Test
    void aPartIsAtMostWhatWasAskedForAndTheLastOneWhatIsLeft() throws IOException {
        Source source = new Source(9);
        long size = source.id.bytes();
        assertThat(source.part(0).size()).isEqualTo(CHUNK);
        assertThat(source.part(size - 5).size()).isEqualTo(5);
        assertThat(source.part(size).size()).isZero();
        assertThat(source.part(size + 1).size()).isZero();
        assertThat(source.files.read(GROUP, source.id, 0, 1 << 20).size()).isEqualTo((int) size);
    }

    @Test
    void aFetchedSnapshotIsDurableWhenItsLastPartIsTakenAndNothingStaysOpen() throws IOException {
        Source source = new Source(9);
        long last = (source.id.bytes() - 1) / CHUNK * CHUNK;
        assertThat(fetch(source, 0, last)).as("not whole yet").isNull();
        assertThat(files.list(GROUP)).isEmpty();
        assertThat(fetch(source, last, source.id.bytes())).isEqualTo(meta(source.id.position()));
        assertThat(opened.openFiles()).isEmpty();
        CrashDisk crashed = disk.afterCrash(CrashDisk.Survival.nothing());
        assertThat(on(crashed).list(GROUP)).containsExactly(source.id);
        assertThat(on(crashed).recover(GROUP, source.id.position()))
                .isEqualTo(meta(source.id.position()));
        assertThatThrownBy(() -> fetch(source, last, last + 1))
                .as("it is done")
                .hasMessageContaining("don't follow nothing");
    }

    @Test
    void aFetchThatBeginsAgainOrIsOfAnotherSnapshotLeavesNothingOfTheOneBefore()
            throws IOException {
        Source older = new Source(9);
        Source newer = new Source(10);
        fetch(older, 0, 2 * CHUNK);
        fetch(older, 0, CHUNK);
        assertThat(opened.openFiles()).containsExactly(SnapshotName.fetched(GROUP));
        assertThatThrownBy(() -> fetch(older, 2 * CHUNK, 3 * CHUNK))
                .hasMessageContaining("don't follow 700 bytes of " + older.id);
        fetch(newer, 0, newer.id.bytes());
        assertThat(files.list(GROUP)).containsExactly(newer.id);
        assertThat(opened.openFiles()).isEmpty();
    }

    @Test
    void whatIsLeftOfAFetchIsReplacedByTheNextAndRemovedWhenTheDirectoryIsOpened()
            throws IOException {
        byte[] longer = new byte[50_000];
        disk.put(SnapshotName.fetched(GROUP), longer).put(SnapshotName.taken(GROUP), longer);
        Source source = new Source(9);
        fetch(source, 0, source.id.bytes());
        SnapshotId taken = write(files, GROUP, new LogPosition(1, 11));
        assertThat(files.list(GROUP)).containsExactly(source.id, taken);

        disk.put(SnapshotName.fetched(GROUP), longer).put(SnapshotName.taken(GROUP), longer);
        try (LogStore store = Samples.open(disk, 1)) {
            assertThat(disk.list()).noneMatch(SnapshotName::isAside);
            assertThat(store.snapshots().list(GROUP)).containsExactly(source.id, taken);
        }
    }

    @Test
    void aFetchThatFailsLeavesNoFileAndNoneOpen() throws IOException {
        Source source = new Source(9);
        fetch(source, 0, CHUNK);
        opened.refuse(OpenFilesDisk.Change.WRITE, new IOException("no"));
        assertThatThrownBy(() -> fetch(source, CHUNK, 2 * CHUNK)).hasMessage("no");
        assertThat(disk.list()).isEmpty();
        assertThat(opened.openFiles()).isEmpty();
        opened.refused().clear();
        assertThatThrownBy(() -> fetch(source, CHUNK, 2 * CHUNK))
                .hasMessageContaining("don't follow nothing");
    }

    @Test
    void closingGivesUpAFetchThatIsUnderWay() throws IOException {
        fetch(new Source(9), 0, CHUNK);
        assertThat(opened.openFiles()).isNotEmpty();
        files.close();
        assertThat(opened.openFiles()).isEmpty();
    }

    @Test
    void aStateThatCanNotBeWrittenLeavesNothingAndBothFailuresAreTold() {
        IOException no = new IOException("the state machine failed");
        SnapshotStore.Content failing =
                out -> {
                    throw no;
                };
        SnapshotMeta meta = meta(new LogPosition(1, 5));
        assertThatThrownBy(() -> files.write(GROUP, meta, failing))
                .isSameAs(no)
                .hasNoSuppressedExceptions();
        assertThat(disk.list()).isEmpty();
        IOException undeletable = new IOException("it can't be deleted");
        opened.refuse(OpenFilesDisk.Change.DELETE, undeletable);
        assertThatThrownBy(() -> files.write(GROUP, meta, failing))
                .isSameAs(no)
                .hasSuppressedException(undeletable);
        assertThat(opened.openFiles()).isEmpty();
    }

    /** A term that is later at an index before: of a log that was replaced by another. */
    @Test
    void aGroupsSnapshotsAreListedByIndexWithoutThoseOfOthers() throws IOException {
        SnapshotId late = write(files, GROUP, new LogPosition(1, 30));
        SnapshotId early = write(files, GROUP, new LogPosition(2, 7));
        SnapshotId unused = write(files, OTHER, new LogPosition(1, 9));
        assertThat(on(disk).list(GROUP)).containsExactly(early, late);
        assertThat(files.list(GROUP)).containsExactly(early, late);
    }

    @Test
    void whatIsSetAsideIsKeptUnderAnotherNameDurably() throws IOException {
        SnapshotId id = write(files, GROUP, new LogPosition(1, 30));
        SnapshotId other = write(files, OTHER, new LogPosition(1, 31));
        String name = SnapshotName.published(GROUP, id.position());
        byte[] bytes = disk.bytes(name);
        files.setAside(GROUP);
        files.setAside(GROUP, id.position()); // it isn't there any more
        CrashDisk crashed = disk.afterCrash(CrashDisk.Survival.nothing());
        assertThat(crashed.list())
                .containsExactlyInAnyOrder(
                        Segment.KEPT_PREFIX + name,
                        SnapshotName.published(OTHER, other.position()));
        assertThat(crashed.bytes(Segment.KEPT_PREFIX + name)).isEqualTo(bytes);
        assertThat(files.list(GROUP)).isEmpty();
    }

    @Test
    void aSnapshotBeforeTheLogIsOfNoUseAndWhatWouldBeIsNamed() throws IOException {
        SnapshotId id = write(files, GROUP, new LogPosition(1, 30));
        assertThat(files.recover(GROUP, new LogPosition(1, 29))).isEqualTo(meta(id.position()));
        assertThat(files.recover(GROUP, id.position())).isEqualTo(meta(id.position()));
        assertThatThrownBy(() -> files.recover(GROUP, new LogPosition(1, 31)))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("it is missing, and the log begins behind it")
                .hasMessageContaining("31");
        assertThat(files.recover(OTHER, LogPosition.ZERO)).as("nor needed").isNull();
    }

    @Test
    void aFileOfAnotherPlaceIsRefusedWithWhatItIs() throws IOException {
        SnapshotId id = write(files, GROUP, new LogPosition(1, 30));
        byte[] bytes = disk.bytes(SnapshotName.published(GROUP, id.position()));
        disk.remove(SnapshotName.published(GROUP, id.position()));
        disk.put(SnapshotName.published(GROUP, new LogPosition(1, 31)), bytes);
        disk.put(SnapshotName.published(OTHER, id.position()), bytes);
        assertThatThrownBy(() -> on(disk).recover(GROUP, new LogPosition(1, 31)))
                .hasMessageContaining("it is of group '" + GROUP + "' at ")
                .hasMessageContaining("30");
        SnapshotFiles others = on(disk);
        assertThatThrownBy(() -> others.recover(OTHER, id.position()))
                .hasMessageContaining("it is of group '" + GROUP + "'");
        assertThat(others.list(OTHER)).as("it isn't offered to anybody").isEmpty();
    }
}
