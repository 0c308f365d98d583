package dev.lockstep.raft.storage.tools;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.node.RaftSession;
import dev.lockstep.raft.storage.tools.Tool.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class RestoreTest {
    @TempDir Path root;

    private Path at(String name) {
        return root.resolve(name);
    }

    private Result restore(Object... more) {
        Object[] all = new Object[9 + more.length];
        Object[] first = {
            "restore",
            at("backup"),
            "--into",
            at("new"),
            "--cluster",
            "new",
            "--node",
            "n1",
            "--yes"
        };
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(more, 0, all, first.length, more.length);
        return Tool.run(all);
    }

    @Test
    void whatTheBackupHoldsIsServedAboveEveryOldPositionAndByNewMembersToo() throws Exception {
        LogPosition newest;
        long backedUp;
        try (Cluster old = new Cluster("old", "sum")) {
            old.start("n1", at("n1")).start("n2", at("n2")).start("n3", at("n3"));
            for (int i = 1; i <= 20; i++) {
                old.add("n1", i);
            }
            old.group("n1").snapshot().get(30, TimeUnit.SECONDS);
            // Opened behind the snapshot: its name moves with its entry.
            RaftSession session = old.group("n1").openSession().get(30, TimeUnit.SECONDS);
            for (int i = 0; i < 5; i++) {
                session.propose(Payload.of(1000)).get(30, TimeUnit.SECONDS);
            }
            for (int i = 0; i < 5; i++) {
                old.add("n1", 100);
            }
            backedUp = old.sum("n1");
            assertThat(backedUp).isEqualTo(210 + 5000 + 500);
            old.stop("n1");
            Result exported = Tool.run("export", at("n1"), "--group", "sum", "--to", at("backup"));
            assertThat(exported).as(exported.toString()).extracting(Result::exit).isEqualTo(0);
            newest = old.add("n2", 7);
            for (int i = 0; i < 30; i++) {
                newest = old.add("n2", 7);
            }
        }

        Result restored = restore();

        assertThat(restored).as(restored.toString()).extracting(Result::exit).isEqualTo(0);
        assertThat(restored.out()).contains("is lost").contains("cluster new");
        assertThat(Files.readString(at("new").resolve("audit"))).contains("restored group 'sum'");
        Result log = Tool.run("dump", at("new"), "--group", "sum", "--payload");
        assertThat(log.out()).contains("NO_OP").contains("CONFIGURATION");
        assertThat(Tool.run("verify", at("new")).exit()).isEqualTo(0);
        try (Cluster anew = new Cluster("new", "sum")) {
            anew.start("n1", at("new"));
            assertThat(anew.sum("n1")).isEqualTo(backedUp);
            LogPosition token = anew.add("n1", 1);
            assertThat(token.index()).isGreaterThan(newest.index() + Restore.INDEX_FLOOR / 2);
            assertThat(token.term()).isGreaterThan(newest.term() + Restore.TERM_FLOOR / 2);
            anew.start("n2", at("n2-empty")).start("n3", at("n3-empty"));
            anew.change("n1", MembershipChange.builder().addVoter("n2").build());
            anew.awaitVoters("n1", 2);
            anew.change("n1", MembershipChange.builder().addVoter("n3").build());
            anew.awaitVoters("n1", 3);
            anew.awaitSum("n2", backedUp + 1);
            anew.awaitSum("n3", backedUp + 1);
            anew.stop("n1");
            assertThat(anew.add("n2", 1).index()).isGreaterThan(token.index());
            assertThat(anew.sum("n3")).isEqualTo(backedUp + 2);
        }
    }

    private long backupOfALogOnly() throws Exception {
        try (Cluster old = new Cluster("old", "sum")) {
            old.start("n1", at("n1")).start("n2", at("n2")).start("n3", at("n3"));
            for (int i = 1; i <= 10; i++) {
                old.add("n1", i);
            }
            old.sum("n1");
        }
        Result exported = Tool.run("export", at("n1"), "--group", "sum", "--to", at("backup"));
        assertThat(exported.exit()).as(exported.toString()).isEqualTo(0);
        assertThat(exported.out()).contains("no snapshot");
        return 55;
    }

    @Test
    void aLogWithoutASnapshotIsRaisedByEntriesThatDoNothing() throws Exception {
        long sum = backupOfALogOnly();
        Result tooFar = restore("--index-floor", 1L << 40);
        assertThat(tooFar.exit()).isEqualTo(StorageCommand.REFUSED);
        assertThat(tooFar.err()).contains("take a snapshot");
        assertThat(at("new")).doesNotExist();

        Result restored = restore("--index-floor", 30_000);

        assertThat(restored.exit()).as(restored.toString()).isEqualTo(0);
        try (Cluster anew = new Cluster("new", "sum")) {
            anew.start("n1", at("new"));
            assertThat(anew.sum("n1")).isEqualTo(sum);
            assertThat(anew.add("n1", 1).index()).isGreaterThan(30_000);
        }
    }

    @Test
    void aBackupThatIsDamagedAnywhereIsRefusedAndNothingIsMade() throws Exception {
        backupOfALogOnly();
        byte[] whole = Files.readAllBytes(at("backup"));
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            byte[] damaged = whole.clone();
            int at = i < 40 ? i : random.nextInt(whole.length);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(at("backup"), damaged);
            assertRefused("byte " + at);
        }
        for (int length = 0; length < whole.length; length += 97) {
            Files.write(at("backup"), Arrays.copyOf(whole, length));
            assertRefused("shortened to " + length);
        }
    }

    private void assertRefused(String what) {
        Result refused = restore();
        assertThat(refused.exit()).as(what).isEqualTo(StorageCommand.REFUSED);
        assertThat(refused.err()).as(what).contains("no whole backup");
        assertThat(root.toFile().list()).as(what).doesNotContain("new", "new.unfinished");
    }

    @Test
    void theOldNameOfTheClusterAndAnExistingDirectoryAreRefused() throws Exception {
        backupOfALogOnly();
        Result oldName =
                Tool.run(
                        "restore",
                        at("backup"),
                        "--into",
                        at("new"),
                        "--cluster",
                        "old",
                        "--node",
                        "n1",
                        "--yes");
        assertThat(oldName.exit()).isEqualTo(StorageCommand.REFUSED);
        assertThat(oldName.err()).contains("new name");
        Files.createDirectory(at("new"));
        Result there = restore();
        assertThat(there.exit()).isEqualTo(StorageCommand.REFUSED);
        assertThat(there.err()).contains("exists");
        assertThat(at("new")).isEmptyDirectory();
        Result again = Tool.run("export", at("n1"), "--group", "sum", "--to", at("backup"));
        assertThat(again.exit()).as("never writes over a backup").isEqualTo(3);
    }
}
