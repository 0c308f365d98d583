package dev.lockstep.raft.storage.tools;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.storage.FileStorage;
import dev.lockstep.raft.storage.tools.Tool.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only looks changes nothing, finds every damage, and keeps out of a live directory. */
@Timeout(180)
class LookingTest {
    private static final int BLOCK = 512;

    @TempDir Path root;

    private Path at(String name) {
        return root.resolve(name);
    }

    private void fill() throws Exception {
        try (Cluster cluster = new Cluster("old", "sum", "other")) {
            cluster.start("n1", at("n1")).start("n2", at("n2")).start("n3", at("n3"));
            for (int i = 1; i <= 10; i++) {
                cluster.add("n1", i);
            }
            cluster.group("n1").snapshot().get(30, TimeUnit.SECONDS);
            for (int i = 1; i <= 10; i++) {
                cluster.add("n1", i);
            }
        }
    }

    @Test
    void everythingIsSaidOfAWholeDirectoryAndNothingChanged() throws Exception {
        fill();
        Map<String, Integer> before = Tool.files(at("n1"));
        Result inspected = Tool.run("inspect", at("n1"));
        assertThat(inspected.exit()).as(inspected.toString()).isEqualTo(0);
        assertThat(inspected.out())
                .contains("node n1 of cluster old")
                .contains("boot 1")
                .contains("group 'sum'")
                .contains("group 'other'")
                .contains("founding: ")
                .containsPattern("snapshot \\d+:\\d+, \\d+ bytes")
                .containsPattern("membership \\(entry 0\\): voters \\[n1");
        Result verified = Tool.run("verify", at("n1"));
        assertThat(verified.exit()).as(verified.toString()).isEqualTo(0);
        assertThat(verified.out()).contains("checked 1 snapshots").contains("all is whole");
        Result dumped = Tool.run("dump", at("n1"), "--group", "sum", "--payload");
        assertThat(dumped.exit()).isEqualTo(0);
        assertThat(dumped.out())
                .contains(" REPLICA ")
                .contains(" FOUNDING ")
                .contains(" HARD_STATE ")
                .contains(" BASE ")
                .contains(" ENTRY ")
                .contains("  000000000000000a");
        Result range = Tool.run("dump", at("n1"), "--group", "sum", "--from", 3, "--to", 5);
        assertThat(range.out().lines().filter(line -> line.contains(" ENTRY "))).hasSize(3);
        assertThat(Tool.files(at("n1"))).isEqualTo(before);
    }

    @Test
    void everyDamagedBlockOfTheLogIsNamed() throws Exception {
        fill();
        Path segment = at("n1").resolve("wal-0000000000000001.log");
        byte[] whole = Files.readAllBytes(segment);
        int end = whole.length / BLOCK;
        while (isZero(whole, end - 1)) {
            end--;
        }
        Random random = new Random(3);
        for (int block = 0; block < end; block++) {
            byte[] damaged = whole.clone();
            damaged[block * BLOCK + random.nextInt(BLOCK)] ^= (byte) (1 << random.nextInt(8));
            Files.write(segment, damaged);
            Result verified = Tool.run("verify", at("n1"));
            assertThat(verified.exit()).as("block %d", block).isEqualTo(StorageCommand.DAMAGED);
            assertThat(verified.out())
                    .as("block %d", block)
                    .contains(segment.getFileName() + " at offset " + block * BLOCK + ":");
        }
        Files.write(segment, whole);
        assertThat(Tool.run("verify", at("n1")).exit()).isEqualTo(0);
    }

    private static boolean isZero(byte[] bytes, int block) {
        for (int i = block * BLOCK; i < (block + 1) * BLOCK; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    @Test
    void everyDamagedByteOfASnapshotAndOfTheIdentityIsFound() throws Exception {
        fill();
        Path snapshot;
        try (Stream<Path> files = Files.list(at("n1"))) {
            snapshot =
                    files.filter(file -> file.getFileName().toString().startsWith("snap-"))
                            .findFirst()
                            .orElseThrow();
        }
        for (Path file : List.of(snapshot, at("n1").resolve("identity"))) {
            byte[] whole = Files.readAllBytes(file);
            for (int i = 0; i < whole.length; i += 3) {
                Tool.flip(file, i);
                Result verified = Tool.run("verify", at("n1"));
                assertThat(verified.exit()).as("%s byte %d", file, i).isEqualTo(1);
                Files.write(file, whole);
            }
            Files.write(file, Arrays.copyOf(whole, whole.length - 1));
            assertThat(Tool.run("verify", at("n1")).exit()).isEqualTo(1);
            Files.write(file, whole);
        }
        assertThat(Tool.run("verify", at("n1")).exit()).isEqualTo(0);
    }

    @Test
    void thePeersStartsAreShownAndTheirDamageIsFound() throws Exception {
        HostIdentity peer =
                new HostIdentity(
                        new ClusterId("old"), NodeId.of("n2"), new UUID(0x4000, 2L << 62), 7, 1);
        try (LogStore store = FileStorage.in(at("p")).open(peer.cluster(), NodeId.of("n1"))) {
            CompletableFuture<Fault> verdict = new CompletableFuture<>();
            store.peerBoots().meet(peer, verdict::complete);
            assertThat(verdict.get(30, TimeUnit.SECONDS)).isNull();
        }
        assertThat(Tool.run("inspect", at("p")).out())
                .contains("saw node n2 in boot 7 of its directory " + peer.incarnation());
        Result whole = Tool.run("verify", at("p"));
        assertThat(whole.exit()).isEqualTo(0);
        assertThat(whole.out()).contains("checked the starts of 1 directories of peers");
        byte[] bytes = Files.readAllBytes(at("p").resolve("peers"));
        for (int i = 0; i < bytes.length; i += 7) {
            Tool.flip(at("p").resolve("peers"), i);
            Result damaged = Tool.run("verify", at("p"));
            assertThat(damaged.exit()).as("byte %d", i).isEqualTo(1);
            assertThat(damaged.out()).contains("No vote and no entry is lost by that");
            assertThat(Tool.run("inspect", at("p")).out())
                    .contains("what it saw of its peers can't be read");
            Files.write(at("p").resolve("peers"), bytes);
        }
    }

    @Test
    void aMissingSegmentIsNamed() throws Exception {
        fill();
        Files.move(at("n1").resolve("wal-0000000000000001.log"), at("n1").resolve("elsewhere"));
        Result verified = Tool.run("verify", at("n1"));
        assertThat(verified.exit()).isEqualTo(StorageCommand.DAMAGED);
    }

    @Test
    void aDirectoryInUseIsRefusedByEveryCommand() throws Exception {
        try (Cluster cluster = new Cluster("old", "sum")) {
            cluster.start("n1", at("n1")).start("n2", at("n2")).start("n3", at("n3"));
            cluster.add("n1", 1);
            for (Object[] command :
                    List.of(
                            new Object[] {"inspect", at("n1")},
                            new Object[] {"verify", at("n1")},
                            new Object[] {"dump", at("n1"), "--group", "sum"},
                            new Object[] {"export", at("n1"), "--group", "sum", "--to", at("b")},
                            new Object[] {"cut", at("n1"), "--into", at("x"), "--at-damage"},
                            new Object[] {
                                "recover", at("n1"), "--into", at("x"), "--cluster", "new", "--yes"
                            })) {
                Result refused = Tool.run(command);
                assertThat(refused.exit()).as(command[0].toString()).isEqualTo(3);
                assertThat(refused.err()).as(command[0].toString()).contains("in use");
            }
            assertThat(cluster.sum("n1")).isEqualTo(1);
            assertThat(root.toFile().list()).doesNotContain("b", "x", "x.unfinished");
        }
        assertThat(Tool.run("inspect", at("n1")).exit()).isEqualTo(0);
    }

    @Test
    void aWitnessIsLookedAtAndNothingIsMadeOfIt() throws Exception {
        try (LogStore store =
                FileStorage.in(at("w"))
                        .withSegmentBytes(8192)
                        .open(new ClusterId("old"), NodeId.of("w"))) {
            assertThat(store.replica(GroupId.of("sum"), true).id().isWitness()).isTrue();
        }
        assertThat(Tool.run("inspect", at("w")).exit()).isEqualTo(0);
        for (Result made :
                List.of(
                        Tool.run("export", at("w"), "--group", "sum", "--to", at("b")),
                        Tool.run(
                                "recover",
                                at("w"),
                                "--into",
                                at("x"),
                                "--cluster",
                                "new",
                                "--yes"))) {
            assertThat(made.exit()).isEqualTo(StorageCommand.REFUSED);
            assertThat(made.err()).contains("is a witness");
        }
    }

    @Test
    void wrongUsageIsSaidAndEndsWithTwo() throws IOException {
        for (String[] wrong :
                new String[][] {
                    {"inspect"},
                    {"nothing"},
                    {"dump", "x"},
                    {"dump", "x", "--group", "not a name!"},
                    {"dump", "x", "--group", "g", "--from", "one"},
                    {"cut", "x", "--into", "y"},
                    {"cut", "x", "--into", "y", "--at-damage", "--group", "g"},
                    {"cut", "x", "--into", "y", "--after", "3"},
                    {"restore", "x", "--into", "y", "--cluster", "c"},
                    {
                        "restore",
                        "x",
                        "--into",
                        "y",
                        "--cluster",
                        "c",
                        "--node",
                        "n",
                        "--index-floor",
                        "-1"
                    },
                    {"recover", "x", "--into", "y"},
                    {"recover", "x", "--into", "y", "--cluster", "c", "--term-floor", "-1"},
                }) {
            Result result = Tool.run((Object[]) wrong);
            assertThat(result.exit()).as(String.join(" ", wrong)).isEqualTo(2);
            assertThat(result.err())
                    .as(String.join(" ", wrong))
                    .containsAnyOf("Usage: ", "Did you mean");
        }
        assertThat(Tool.run("help").out()).contains("Exit codes").contains("recover");
        Path empty = Files.createDirectory(at("empty"));
        assertThat(Tool.run("inspect", empty).exit()).isEqualTo(3);
        assertThat(Tool.run("verify", at("nowhere")).exit()).isEqualTo(3);
        assertThat(empty).isEmptyDirectory();
    }
}
