package dev.lockstep.raft.storage.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.storage.tools.Tool.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class RecoverTest {
    @TempDir Path root;

    private Path at(String name) {
        return root.resolve(name);
    }

    /** Both groups hold the sum 55; returns the newest position of the first. */
    private LogPosition loseTheMajority(boolean snapshot) throws Exception {
        LogPosition newest = LogPosition.ZERO;
        try (Cluster old = new Cluster("old", "sum", "other")) {
            old.start("n1", at("n1")).start("n2", at("n2")).start("n3", at("n3"));
            for (int i = 1; i <= 10; i++) {
                newest = old.add("n1", i);
                Cluster.add(old.group("n1", "other"), i);
            }
            if (snapshot) {
                old.group("n1").snapshot().get(30, TimeUnit.SECONDS);
            }
            assertThat(old.sum("n1")).isEqualTo(55);
        }
        return newest;
    }

    @Test
    void oneSurvivorGoesOnAndTakesNewMembers() throws Exception {
        survive(false);
    }

    @Test
    void oneSurvivorGoesOnFromItsSnapshot() throws Exception {
        survive(true);
    }

    private void survive(boolean snapshot) throws Exception {
        LogPosition newest = loseTheMajority(snapshot);
        Result recovered =
                Tool.answering(
                        "yes\n", "recover", at("n1"), "--into", at("new"), "--cluster", "new");
        assertThat(recovered.exit()).as(recovered.toString()).isEqualTo(0);
        assertThat(recovered.out())
                .contains("LOST: every entry behind index")
                .contains("Type yes to go on");
        assertThat(Files.readString(at("new").resolve("audit")))
                .contains("group 'sum' had lost its quorum")
                .contains("group 'other' had lost its quorum");
        assertThat(Files.readString(at("n1").resolve("audit"))).contains("recovered");
        Result log =
                Tool.run(
                        "dump",
                        at("new"),
                        "--group",
                        "sum",
                        "--payload",
                        "--from",
                        newest.index() + 1);
        assertThat(log.out()).contains("NO_OP").contains("CONFIGURATION");
        assertThat(log.out()).contains(hex("group 'sum' had lost its quorum"));
        assertThatThrownBy(() -> new Cluster("old", "sum").start("n1", at("n1")))
                .hasMessageContaining("identity");
        assertThat(Tool.run("inspect", at("n1")).err()).contains("audit");

        try (Cluster anew = new Cluster("new", "sum", "other")) {
            anew.start("n1", at("new"));
            assertThat(anew.sum("n1")).isEqualTo(55);
            LogPosition next = anew.add("n1", 1);
            assertThat(next.index()).isGreaterThan(newest.index());
            assertThat(next.term()).isGreaterThan(newest.term() + Restore.TERM_FLOOR);
            anew.start("n2", at("n2-empty"));
            anew.change("n1", MembershipChange.builder().addVoter("n2").build());
            anew.awaitVoters("n1", 2);
            anew.awaitSum("n2", 56);
            assertThat(Cluster.add(anew.group("n1", "other"), 1).index()).isPositive();
        }
    }

    private static String hex(String text) {
        StringBuilder hex = new StringBuilder();
        text.chars().forEach(c -> hex.append(String.format("%02x", c)));
        return hex.toString();
    }

    @Test
    void whoDoesNotAgreeHasChangedNothing() throws Exception {
        loseTheMajority(false);
        Map<String, Integer> before = Tool.files(at("n1"));
        for (String answer : new String[] {"", "no\n", "y\n", "YES\n"}) {
            Result refused =
                    Tool.answering(
                            answer, "recover", at("n1"), "--into", at("new"), "--cluster", "new");
            assertThat(refused.exit()).as(answer).isEqualTo(StorageCommand.REFUSED);
            assertThat(refused.err()).contains("nothing was changed");
        }
        Result oldName =
                Tool.run("recover", at("n1"), "--into", at("new"), "--cluster", "old", "--yes");
        assertThat(oldName.exit()).isEqualTo(StorageCommand.REFUSED);
        Result noGroup =
                Tool.run(
                        "recover",
                        at("n1"),
                        "--into",
                        at("new"),
                        "--cluster",
                        "new",
                        "--group",
                        "nobody",
                        "--yes");
        assertThat(noGroup.exit()).isEqualTo(StorageCommand.REFUSED);
        assertThat(Tool.files(at("n1"))).isEqualTo(before);
        assertThat(root.toFile().list()).doesNotContain("new", "new.unfinished");
    }

    @Test
    void onlyTheNamedGroupIsTakenAlong() throws Exception {
        loseTheMajority(false);
        Result recovered =
                Tool.run(
                        "recover",
                        at("n1"),
                        "--into",
                        at("new"),
                        "--cluster",
                        "new",
                        "--group",
                        "other",
                        "--yes");
        assertThat(recovered.exit()).as(recovered.toString()).isEqualTo(0);
        assertThat(recovered.out()).contains("group 'sum' is left out");
        Result inspected = Tool.run("inspect", at("new"));
        assertThat(inspected.out()).contains("group 'other'").doesNotContain("group 'sum'");
    }
}
