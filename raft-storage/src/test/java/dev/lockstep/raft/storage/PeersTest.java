package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.PeerBoots;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Which starts of peers a directory remembers, and whom it refuses. */
class PeersTest {
    private static final UUID FIRST = new UUID(1, 1);
    private static final UUID SECOND = new UUID(2, 2);

    private final CrashDisk disk = new CrashDisk();
    private final Deque<Runnable> writers = new ArrayDeque<>();

    private static HostIdentity start(String node, UUID directory, long boot, long nonce) {
        return new HostIdentity(Samples.CLUSTER, NodeId.of(node), directory, boot, nonce);
    }

    private static HostIdentity start(UUID directory, long boot) {
        return start("n2", directory, boot, 1000 + boot);
    }

    /** What is said at once. */
    private static Fault verdict(PeerBoots boots, HostIdentity peer) {
        List<Fault> verdicts = ask(boots, peer);
        assertThat(verdicts).hasSize(1);
        return verdicts.get(0);
    }

    private static List<Fault> ask(PeerBoots boots, HostIdentity peer) {
        List<Fault> verdicts = new ArrayList<>();
        boots.meet(peer, verdicts::add);
        return verdicts;
    }

    private static void assertTaken(LogStore store, HostIdentity peer) {
        assertThat(verdict(store.peerBoots(), peer)).as("%s", peer).isNull();
    }

    private static void assertRefused(LogStore store, HostIdentity peer, Fault.Code code) {
        Fault fault = verdict(store.peerBoots(), peer);
        assertThat(fault).as("%s", peer).isNotNull();
        assertThat(fault.code()).as("%s", peer).isEqualTo(code);
    }

    private LogStore reopened() throws IOException {
        return Samples.open(disk.afterCrash(CrashDisk.Survival.nothing()), 9);
    }

    @Test
    void anEarlierStartThanWasSeenIsRefusedAcrossPowerLossAndBothAreNamed() throws IOException {
        assertTaken(Samples.open(disk, 1), start(FIRST, 5));
        LogStore store = reopened();
        Fault fault = verdict(store.peerBoots(), start(FIRST, 4));
        assertThat(fault.code()).isEqualTo(Fault.Code.LOG_REVERTED);
        assertThat(fault.message())
                .contains("n2", "in boot 4 of directory " + FIRST, "boot 5 was seen", "Stop it");
        assertTaken(store, start(FIRST, 5));
        assertTaken(store, start(FIRST, 6));
        assertRefused(store, start(FIRST, 5), Fault.Code.LOG_REVERTED);
    }

    @Test
    void anotherStartOfTheSameBootIsRefusedAsThatOfACopy() throws IOException {
        assertTaken(Samples.open(disk, 1), start("n2", FIRST, 5, 7));
        Fault fault = verdict(reopened().peerBoots(), start("n2", FIRST, 5, 8));
        assertThat(fault.code()).isEqualTo(Fault.Code.WRONG_PEER);
        assertThat(fault.message()).contains("two processes use node id n2", "copy", "boot 5");
    }

    @Test
    void aNewDirectoryTakesThePlaceAndAnOldCopyOfTheFirstIsStillRefused() throws IOException {
        LogStore store = Samples.open(disk, 1);
        assertTaken(store, start(FIRST, 5));
        assertTaken(store, start(SECOND, 1));
        LogStore later = reopened();
        assertRefused(later, start(FIRST, 4), Fault.Code.LOG_REVERTED);
        assertTaken(later, start(SECOND, 2));
        assertTaken(later, start(FIRST, 6)); // the right disk is mounted again
        assertTaken(later, start("n3", FIRST, 1, 1)); // of another node: not compared
    }

    @Test
    void onlyWhatIsNewIsWritten() throws IOException {
        LogStore store = Samples.open(disk, 1);
        assertTaken(store, start(FIRST, 5));
        long operations = disk.operations();
        assertTaken(store, start(FIRST, 5));
        assertRefused(store, start(FIRST, 4), Fault.Code.LOG_REVERTED);
        assertThat(disk.operations()).isEqualTo(operations);
    }

    @Test
    void noStartIsTakenBeforeItIsDurableAndOneWriteServesAllThatWait() throws IOException {
        PeerMemory memory = new PeerMemory(disk, PeerTable.EMPTY, writers::add);
        List<Fault> first = ask(memory, start(FIRST, 5));
        List<Fault> again = ask(memory, start(FIRST, 5));
        List<Fault> later = ask(memory, start(FIRST, 6));
        List<Fault> other = ask(memory, start("n3", SECOND, 1, 1));
        assertThat(verdict(memory, start(FIRST, 4)).code()).isEqualTo(Fault.Code.LOG_REVERTED);
        assertThat(List.of(first, again, later, other)).allMatch(List::isEmpty);
        assertThat(writers).hasSize(1);
        writers.remove().run();
        assertThat(disk.syncs()).isEqualTo(1);
        assertThat(later).containsExactly((Fault) null);
        assertThat(other).containsExactly((Fault) null);
        for (List<Fault> superseded : List.of(first, again)) {
            assertThat(superseded.get(0).code()).isEqualTo(Fault.Code.LOG_REVERTED);
        }
        CrashDisk after = disk.afterCrash(CrashDisk.Survival.nothing());
        assertThat(PeersFile.read(after, Samples.CLUSTER).boots())
                .containsExactly(start(FIRST, 6), start("n3", SECOND, 1, 1));
    }

    @Test
    void whatComesWhileADiskWritesIsInTheNextWrite() throws IOException {
        List<Fault> second = new ArrayList<>();
        PeerMemory memory = new PeerMemory(disk, PeerTable.EMPTY, writers::add);
        memory.meet(start(FIRST, 5), fault -> memory.meet(start(SECOND, 1), second::add));
        writers.remove().run();
        assertThat(second).containsExactly((Fault) null);
        assertThat(writers).isEmpty();
        assertThat(PeersFile.read(disk, Samples.CLUSTER).boots()).hasSize(2);
    }

    /** 1 to 5: creation, write, sync, rename, and the directory's sync. */
    @Test
    void afterAFailedWriteNobodyNewIsTakenAndNothingIsTriedAgain() throws IOException {
        for (int which = 1; which <= 5; which++) {
            CrashDisk failing = new CrashDisk();
            LogStore store = Samples.open(failing, 1);
            assertTaken(store, start(FIRST, 5));
            failing.failAt(failing.operations() + which);
            assertRefused(store, start(SECOND, 1), Fault.Code.STORAGE_FAILED);
            long operations = failing.operations();
            assertRefused(store, start(SECOND, 1), Fault.Code.STORAGE_FAILED);
            assertTaken(store, start(FIRST, 5));
            assertThat(failing.operations()).isEqualTo(operations);
            store.close();
        }
    }

    @Test
    void onAFullDiskAKnownPeerRestartsAndNobodyNewIsTakenUntilThereIsRoom() throws IOException {
        LogStore store = Samples.open(disk, 1);
        assertTaken(store, start(FIRST, 5));
        disk.room(CrashDisk.Room.FOR_NO_MORE);
        assertTaken(store, start(FIRST, 6));
        assertThat(PeersFile.read(disk.afterCrash(CrashDisk.Survival.nothing()), Samples.CLUSTER))
                .as("in the room of the start before")
                .isEqualTo(new PeerTable(List.of(start(FIRST, 6))));
        assertRefused(store, start(SECOND, 1), Fault.Code.DISK_FULL);
        assertRefused(store, start(FIRST, 5), Fault.Code.LOG_REVERTED);
        disk.room(CrashDisk.Room.ENOUGH);
        assertTaken(store, start(SECOND, 1));
        store.close();
    }

    /** A power loss would leave some sectors of the old one and some of the new one. */
    @Test
    void aListOfSeveralSectorsIsNotWrittenOverOnAFullDisk() throws IOException {
        LogStore store = Samples.open(disk, 1);
        for (int i = 0; i < 20; i++) {
            assertTaken(store, start("p" + i, new UUID(3, i), 5, 7));
        }
        byte[] before = disk.bytes(PeersFile.NAME);
        assertThat(before).hasSizeGreaterThan(Blocks.BYTES);
        disk.room(CrashDisk.Room.FOR_NO_MORE);
        assertRefused(store, start("p3", new UUID(3, 3), 6, 8), Fault.Code.DISK_FULL);
        assertThat(disk.bytes(PeersFile.NAME)).isEqualTo(before);
        store.close();
    }

    @Test
    void aDiskThatHangsGathersNoQuestionsForEver() {
        PeerMemory memory = new PeerMemory(disk, PeerTable.EMPTY, writers::add);
        int waiting = 0;
        while (ask(memory, start(FIRST, 5)).isEmpty()) {
            waiting++;
        }
        assertThat(waiting).isEqualTo(256);
        assertThat(verdict(memory, start(FIRST, 5)).code()).isEqualTo(Fault.Code.STORAGE_FAILED);
    }

    @Test
    void closingWaitsForTheWrite() throws Exception {
        PeerMemory memory = new PeerMemory(disk, PeerTable.EMPTY, writers::add);
        List<Fault> asked = ask(memory, start(FIRST, 5));
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread closing =
                new Thread(
                        () -> {
                            try {
                                memory.close();
                            } catch (Throwable e) {
                                failure.set(e);
                            }
                        });
        closing.start();
        await().until(() -> closing.getState() == Thread.State.WAITING);
        writers.remove().run();
        closing.join();
        assertThat(failure).hasNullValue();
        assertThat(asked.get(0).code()).isEqualTo(Fault.Code.STORAGE_FAILED);
        assertThat(disk.list()).as("given up before it was begun").isEmpty();
    }

    @Test
    void onAReadOnlyDiskWhoHasStartedIsRefusedUntilItIsWritableAndNoLonger() throws IOException {
        LogStore store = Samples.open(disk, 1);
        assertTaken(store, start(FIRST, 5));
        disk.room(CrashDisk.Room.NONE);
        assertRefused(store, start(FIRST, 6), Fault.Code.DISK_FULL);
        assertRefused(store, start(FIRST, 5), Fault.Code.LOG_REVERTED);
        disk.room(CrashDisk.Room.ENOUGH);
        assertTaken(store, start(FIRST, 6));
        assertRefused(reopened(), start(FIRST, 5), Fault.Code.LOG_REVERTED);
    }

    @Test
    void aThreadThatCanNotBeStartedRefusesAndHoldsNothingUp() throws IOException {
        PeerMemory memory =
                new PeerMemory(
                        disk,
                        PeerTable.EMPTY,
                        work -> {
                            throw new OutOfMemoryError("no thread");
                        });
        assertThat(verdict(memory, start(FIRST, 5)).code()).isEqualTo(Fault.Code.STORAGE_FAILED);
        memory.close();
    }

    @Test
    void theFileIsBoundedAndWhatChangedLongestAgoGoesFirst() throws IOException {
        PeerTable table = PeerTable.EMPTY;
        for (int i = 1; i <= PeerTable.MOST_OF_ONE_NODE; i++) {
            table = table.with(start(new UUID(7, i), 3));
        }
        table = table.with(start(new UUID(7, 1), 4)); // changed: now 2 is the oldest
        table = table.with(start(new UUID(7, 99), 1));
        assertThat(table.boots()).hasSize(PeerTable.MOST_OF_ONE_NODE);
        assertThat(table.conflictOf(start(new UUID(7, 1), 1))).isNotNull();
        assertThat(table.conflictOf(start(new UUID(7, 2), 1))).isNull();
        String longName = "n".repeat(58);
        for (int i = 0; i < 2 * PeerTable.MOST; i++) {
            table = table.with(start(longName + (100_000 + i), FIRST, 1, 1));
        }
        assertThat(table.boots()).hasSize(PeerTable.MOST);
        PeersFile.write(disk, table);
        assertThat(PeersFile.read(disk, Samples.CLUSTER)).isEqualTo(table);
    }

    @Test
    void aDamagedFileIsSetAsideAndBegunAnew() throws IOException {
        Samples.open(disk, 1).close();
        PeersFile.write(disk, PeerTable.EMPTY.with(start(FIRST, 5)));
        byte[] whole = disk.bytes(PeersFile.NAME);
        for (int at = 0; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 1;
            openDamaged(damaged);
            openDamaged(Arrays.copyOf(whole, at));
        }
        openDamaged(Arrays.copyOf(whole, whole.length + 1));
    }

    private void openDamaged(byte[] damaged) throws IOException {
        CrashDisk copy = disk.copy().put(PeersFile.NAME, damaged);
        try (LogStore store = Samples.open(copy, 2)) {
            assertThat(copy.bytes(PeersFile.DAMAGED)).isEqualTo(damaged);
            assertThat(copy.list()).doesNotContain(PeersFile.NAME);
            assertTaken(store, start(FIRST, 4));
        }
        CrashDisk after = copy.afterCrash(CrashDisk.Survival.nothing());
        assertThat(PeersFile.read(after, Samples.CLUSTER).boots()).containsExactly(start(FIRST, 4));
    }

    @Test
    void aFileOfALaterVersionIsRefusedAsThat() throws IOException {
        Samples.open(disk, 1).close();
        PeersFile.write(disk, PeerTable.EMPTY.with(start(FIRST, 5)));
        byte[] later = disk.bytes(PeersFile.NAME);
        ByteBuffer fields = ByteBuffer.wrap(later).putInt(8, 2).putInt(16, 0);
        CRC32C crc = new CRC32C();
        crc.update(later);
        fields.putInt(16, (int) crc.getValue());
        disk.put(PeersFile.NAME, later);
        assertThatThrownBy(() -> Samples.open(disk, 2))
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e ->
                                assertThat(e.fault().code())
                                        .isEqualTo(Fault.Code.INCOMPATIBLE_VERSION))
                .hasMessageContaining("peers in simulated disk is of format version 2");
    }

    @Test
    void aCrashAtAnyPointOfAReplacementLeavesTheOldOrTheNewOne() throws IOException {
        HostIdentity before = start(FIRST, 5);
        HostIdentity after = start(FIRST, 6);
        Random random = new Random(20261122);
        int runs = 0;
        for (int point = 1; point <= 6; point++) {
            for (int survival = 0; survival < 20; survival++) {
                CrashDisk crashing = new CrashDisk();
                LogStore store = Samples.open(crashing, 1);
                assertTaken(store, before);
                crashing.crashAt(crashing.operations() + point);
                boolean taken = verdict(store.peerBoots(), after) == null;
                assertThat(taken).isEqualTo(point == 6);
                CrashDisk found = crashing.afterCrash(CrashDisk.Survival.random(random));
                LogStore next = Samples.open(found, 2);
                assertThat(found.list()).doesNotContain(PeersFile.DAMAGED, "peers.tmp");
                assertRefused(next, start(FIRST, 4), Fault.Code.LOG_REVERTED);
                HostIdentity known = PeersFile.read(found, Samples.CLUSTER).boots().get(0);
                assertThat(known).isIn(taken ? List.of(after) : List.of(before, after));
                runs++;
            }
        }
        System.out.println("crash points of the peers' starts: 6, runs: " + runs);
    }
}
