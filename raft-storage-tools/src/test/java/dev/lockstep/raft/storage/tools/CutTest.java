package dev.lockstep.raft.storage.tools;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.storage.tools.Tool.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class CutTest {
    private static final Pattern REPLICA = Pattern.compile("group '(\\w+)'\\n  replica (\\S+)");

    @TempDir Path root;

    private Path at(String name) {
        return root.resolve(name);
    }

    private static String replicaOf(String group, Path directory) {
        Matcher replicas = REPLICA.matcher(Tool.run("inspect", directory).out());
        while (replicas.find()) {
            if (replicas.group(1).equals(group)) {
                return replicas.group(2);
            }
        }
        throw new AssertionError("no group " + group + " in " + directory);
    }

    private LogPosition fill(Cluster cluster) throws Exception {
        cluster.start("n1", at("n1")).start("n2", at("n2")).start("n3", at("n3"));
        LogPosition last = LogPosition.ZERO;
        for (int i = 1; i <= 10; i++) {
            last = cluster.add("n1", i);
            Cluster.add(cluster.group("n1", "other"), i);
        }
        cluster.sum("n1");
        return last;
    }

    @Test
    void aCutReplicaComesBackAsANewOneAndTheOtherGroupAsTheOldOne() throws Exception {
        try (Cluster cluster = new Cluster("old", "sum", "other")) {
            LogPosition last = fill(cluster);
            cluster.stop("n1");
            String sum = replicaOf("sum", at("n1"));
            String other = replicaOf("other", at("n1"));
            Object[] cut = {
                "cut", at("n1"), "--into", at("new"), "--group", "sum", "--after", last.index() - 4
            };
            assertThat(Tool.answering("no\n", cut).exit()).isEqualTo(StorageCommand.REFUSED);
            Result done = Tool.answering("yes\n", cut);
            assertThat(done.exit()).as(done.toString()).isEqualTo(0);
            assertThat(done.out()).contains("may have been acknowledged");
            assertThat(replicaOf("sum", at("new"))).isNotEqualTo(sum);
            assertThat(replicaOf("other", at("new"))).isEqualTo(other);
            assertThat(Tool.run("inspect", at("new")).out())
                    .contains("to " + (last.index() - 4) + ", behind");

            rejoin(cluster, List.of("sum"));
            assertThat(cluster.group("n1", "other").status().fault()).isNull();
        }
    }

    @Test
    void aCutAtTheDamageKeepsWhatStandsBefore() throws Exception {
        try (Cluster cluster = new Cluster("old", "sum", "other")) {
            LogPosition last = fill(cluster);
            cluster.stop("n1");
            damageEntry(last.index() - 3);
            Result verified = Tool.run("verify", at("n1"));
            assertThat(verified.exit()).as(verified.toString()).isEqualTo(StorageCommand.DAMAGED);
            assertThat(verified.out())
                    .contains("LOG_CORRUPT")
                    .contains("group 'sum': entry " + last.term() + ":" + (last.index() - 3));
            Result inspected = Tool.run("inspect", at("n1"));
            assertThat(inspected.exit()).isEqualTo(StorageCommand.DAMAGED);
            assertThat(inspected.out()).contains("DAMAGED in 1 places");
            for (Object[] refused :
                    new Object[][] {
                        {"export", at("n1"), "--group", "sum", "--to", at("backup")},
                        {
                            "recover",
                            at("n1"),
                            "--into",
                            at("new"),
                            "--cluster",
                            "new",
                            "--group",
                            "sum",
                            "--yes"
                        },
                    }) {
                Result result = Tool.run(refused);
                assertThat(result.exit()).isEqualTo(StorageCommand.REFUSED);
                assertThat(result.err()).contains("cut --at-damage");
            }
            String sum = replicaOf("sum", at("n1"));

            Result cut = Tool.run("cut", at("n1"), "--into", at("new"), "--at-damage", "--yes");

            assertThat(cut.exit()).as(cut.toString()).isEqualTo(0);
            assertThat(Tool.run("verify", at("new")).exit()).isEqualTo(0);
            assertThat(replicaOf("sum", at("new"))).isNotEqualTo(sum);
            assertThat(Tool.run("inspect", at("new")).out())
                    .contains("to " + (last.index() - 4) + ", behind");
            rejoin(cluster, List.of("sum", "other"));
        }
    }

    @Test
    void anUndamagedLogIsNotCutAtItsDamageNorBehindItsEnd() throws Exception {
        try (Cluster cluster = new Cluster("old", "sum", "other")) {
            LogPosition last = fill(cluster);
            cluster.stop("n1");
            Result whole = Tool.run("cut", at("n1"), "--into", at("new"), "--at-damage", "--yes");
            assertThat(whole.exit()).isEqualTo(StorageCommand.REFUSED);
            Result behind =
                    Tool.run(
                            "cut",
                            at("n1"),
                            "--into",
                            at("new"),
                            "--group",
                            "sum",
                            "--after",
                            last.index() + 10,
                            "--yes");
            assertThat(behind.exit()).isEqualTo(StorageCommand.REFUSED);
            cluster.start("n1", at("n1"));
        }
    }

    /** A byte of the block in which the entry's record begins. */
    private void damageEntry(long index) throws Exception {
        Result dump = Tool.run("dump", at("n1"), "--group", "sum", "--from", index, "--to", index);
        Matcher place = Pattern.compile("(wal-\\w+\\.log):(\\d+) ").matcher(dump.out());
        assertThat(place.find()).as(dump.out()).isTrue();
        Path file = at("n1").resolve(place.group(1));
        Tool.flip(file, Long.parseLong(place.group(2)) + 2);
        assertThat(Files.exists(file)).isTrue();
    }

    private void rejoin(Cluster cluster, List<String> groups) throws Exception {
        cluster.start("n1", at("new"));
        String leader = cluster.leader();
        assertThat(leader).isNotEqualTo("n1");
        for (String group : groups) {
            if (group.equals("sum")) {
                cluster.change(leader, MembershipChange.builder().replace("n1").build());
                cluster.awaitVoters(leader, 3);
            }
        }
        long sum = cluster.sum(leader);
        assertThat(sum).as("nothing that the others hold is lost").isEqualTo(55);
        cluster.awaitSum("n1", 55);
    }
}
