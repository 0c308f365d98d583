package dev.lockstep.raft.testkit.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.storage.Disk;
import dev.lockstep.raft.testkit.sim.SimulatedCrash;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SimulatedDiskTest {
    private static final int SEEDS = 300;

    private final VirtualTime time = new VirtualTime(1);
    private final SimulatedDisk disk = new SimulatedDisk(time, "d");

    @Test
    void whatWasSyncedSurvivesEveryPowerLoss() throws IOException {
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk machine = new SimulatedDisk(new VirtualTime(seed), "d");
            Disk mounted = machine.mount();
            Disk.File file = mounted.create("a");
            file.write(filled(5_000, 'x'), 0);
            file.sync();
            mounted.syncDirectory();
            assertThat(machine.isClean()).isTrue();
            file.write(filled(5_000, 'y'), 5_000);
            machine.losePower();
            assertThat(content(machine.mount(), "a")).startsWith("x".repeat(5_000));
        }
    }

    @Test
    void unsyncedSectorsAreKeptOrLostEachByItself() throws IOException {
        Set<String> outcomes = new HashSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk machine = new SimulatedDisk(new VirtualTime(seed), "d");
            Disk mounted = machine.mount();
            Disk.File file = mounted.create("a");
            file.write(filled(3 * 512, 'o'), 0);
            file.sync();
            mounted.syncDirectory();
            file.write(filled(3 * 512, 'n'), 0);
            machine.losePower();
            String after = content(machine.mount(), "a");
            for (int sector = 0; sector < 3; sector++) {
                assertThat(after.substring(sector * 512, (sector + 1) * 512))
                        .matches("o{512}|n{512}");
            }
            outcomes.add("" + after.charAt(0) + after.charAt(512) + after.charAt(1024));
        }
        assertThat(outcomes)
                .containsExactlyInAnyOrder("ooo", "oon", "ono", "onn", "noo", "non", "nno", "nnn");
    }

    @Test
    void aFileThatGrewMayBeOfOldOrNewSizeWithZerosWhereNothingArrived() throws IOException {
        Set<Integer> sizes = new HashSet<>();
        boolean holes = false;
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk machine = new SimulatedDisk(new VirtualTime(seed), "d");
            Disk mounted = machine.mount();
            Disk.File file = mounted.create("a");
            file.write(filled(100, 'o'), 0);
            file.sync();
            mounted.syncDirectory();
            file.write(filled(1000, 'n'), 100);
            file.write(filled(1000, 'n'), 1100);
            machine.losePower();
            String after = content(machine.mount(), "a");
            assertThat(after).startsWith("o".repeat(100)).matches("[on\0]*");
            sizes.add(after.length());
            holes |= after.contains("\0n");
        }
        assertThat(sizes).containsExactlyInAnyOrder(100, 1100, 2100);
        assertThat(holes).isTrue();
    }

    @Test
    void killingTheProcessLosesNothingThatWasWritten() throws IOException {
        Disk.File file = disk.mount().create("a");
        file.write(filled(700, 'x'), 0);
        disk.kill();
        assertThatThrownBy(() -> file.write(filled(1, 'y'), 0)).isInstanceOf(SimulatedCrash.class);
        assertThat(content(disk.mount(), "a")).isEqualTo("x".repeat(700));
        assertThatThrownBy(file::sync).isInstanceOf(SimulatedCrash.class);
    }

    @Test
    void unsyncedNamesSurviveInTheirOrderOnly() throws IOException {
        Set<List<String>> outcomes = new HashSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk machine = new SimulatedDisk(new VirtualTime(seed), "d");
            Disk mounted = machine.mount();
            mounted.create("old").close();
            mounted.syncDirectory();
            mounted.create("new");
            mounted.rename("new", "renamed");
            mounted.delete("old");
            machine.losePower();
            outcomes.add(machine.mount().list());
        }
        assertThat(outcomes)
                .containsExactlyInAnyOrder(
                        List.of("old"),
                        List.of("new", "old"),
                        List.of("old", "renamed"),
                        List.of("renamed"));
    }

    @Test
    void aNastierDiskKeepsAnyOfTheNames() throws IOException {
        Set<List<String>> outcomes = new HashSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk machine = new SimulatedDisk(new VirtualTime(seed), "d");
            machine.keepNamesInOrder(false);
            Disk mounted = machine.mount();
            mounted.create("a");
            mounted.create("b");
            machine.losePower();
            outcomes.add(machine.mount().list());
        }
        assertThat(outcomes)
                .containsExactlyInAnyOrder(
                        List.of(), List.of("a"), List.of("b"), List.of("a", "b"));
    }

    @Test
    void syncedNamesSurviveAndRenameReplacesInOneStep() throws IOException {
        Disk mounted = disk.mount();
        write(mounted, "a", "first");
        write(mounted, "b", "second");
        mounted.rename("b", "a");
        mounted.syncDirectory();
        disk.losePower();
        Disk again = disk.mount();
        assertThat(again.list()).containsExactly("a");
        assertThat(content(again, "a")).isEqualTo("second");
    }

    @Test
    void afterAFailedSyncTheContentIsUnknownAndALaterSyncDoesntHelp() throws IOException {
        Set<String> outcomes = new HashSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk machine = new SimulatedDisk(new VirtualTime(seed), "d");
            Disk mounted = machine.mount();
            write(mounted, "a", "o");
            mounted.syncDirectory();
            Disk.File file = mounted.open("a");
            file.write(filled(1, 'n'), 0);
            machine.faults().failSyncs(name -> name.equals("a"));
            assertThatThrownBy(file::sync)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Input/output");
            machine.faults().failSyncs(name -> false);
            file.sync();
            String seen = content(mounted, "a");
            machine.losePower();
            outcomes.add(seen + content(machine.mount(), "a"));
        }
        assertThat(outcomes).containsExactlyInAnyOrder("nn", "no", "oo");
    }

    @Test
    void aFullDiskRefusesToGrowAndStillTakesWritesInPlace() throws IOException {
        Disk mounted = disk.mount();
        disk.setCapacity(4096);
        Disk.File file = mounted.create("a");
        file.write(filled(4096, 'x'), 0);
        assertThatThrownBy(() -> file.write(filled(100, 'y'), 4090))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No space left");
        file.write(filled(10, 'z'), 0);
        assertThat(disk.usedBytes()).isEqualTo(4096);
    }

    @Test
    void crashesInTheOperationThatWasNamed() throws IOException {
        Set<Integer> lengths = new HashSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk machine = new SimulatedDisk(new VirtualTime(seed), "d");
            Disk mounted = machine.mount();
            Disk.File file = mounted.create("a");
            boolean[] told = new boolean[1];
            machine.faults().crashAfter(2, () -> told[0] = true);
            file.write(filled(100, 'x'), 0);
            assertThatThrownBy(() -> file.write(filled(1000, 'y'), 100))
                    .isInstanceOf(SimulatedCrash.class);
            assertThat(told[0]).isTrue();
            assertThatThrownBy(mounted::list).isInstanceOf(SimulatedCrash.class);
            lengths.add(content(machine.mount(), "a").length());
        }
        assertThat(lengths).containsExactlyInAnyOrder(100, 512, 1024, 1100);
    }

    @Test
    void aLockKeepsOthersOutUntilItsHolderDies() throws IOException {
        Disk mounted = disk.mount();
        try (Closeable held = mounted.lock()) {
            assertThat(held).isNotNull();
            assertThatThrownBy(mounted::lock)
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("DIRECTORY_LOCKED");
        }
        mounted.lock();
        disk.kill();
        disk.mount().lock();
    }

    @Test
    void operationsTakeTheirTime() throws IOException {
        disk.faults().setLatency(DiskLatency.FAST);
        Disk.File file = disk.mount().create("a");
        long before = time.spent();
        file.sync();
        assertThat(time.spent() - before).isBetween(100_000L, 400_000L);
    }

    @Test
    void rotChangesWhatIsReadAndNothingElse() throws IOException {
        Disk mounted = disk.mount();
        write(mounted, "a", "abc");
        disk.rot("a", 1, 1);
        assertThat(content(mounted, "a")).isEqualTo("acc");
        disk.losePower();
    }

    @Test
    void aWipedDiskIsEmpty() throws IOException {
        write(disk.mount(), "a", "abc");
        disk.wipe();
        assertThat(disk.mount().list()).isEmpty();
        assertThat(disk.usedBytes()).isZero();
    }

    @Test
    void namesAreCheckedAsAFileSystemDoes() throws IOException {
        Disk mounted = disk.mount();
        mounted.create("a");
        assertThatThrownBy(() -> mounted.create("a")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> mounted.open("b")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> mounted.delete("b")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> mounted.rename("b", "c")).isInstanceOf(IOException.class);
    }

    private static void write(Disk on, String name, String text) throws IOException {
        try (Disk.File file = on.create(name)) {
            file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)), 0);
            file.sync();
        }
    }

    private static String content(Disk of, String name) throws IOException {
        try (Disk.File file = of.open(name)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size() + 10);
            int read = file.read(bytes, 0);
            assertThat(read).isEqualTo(bytes.position());
            return new String(bytes.array(), 0, read, StandardCharsets.ISO_8859_1);
        }
    }

    private static ByteBuffer filled(int size, char with) {
        ByteBuffer bytes = ByteBuffer.allocate(size);
        while (bytes.hasRemaining()) {
            bytes.put((byte) with);
        }
        return bytes.flip();
    }
}
