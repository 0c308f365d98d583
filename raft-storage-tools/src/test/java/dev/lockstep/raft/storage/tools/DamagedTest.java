package dev.lockstep.raft.storage.tools;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import dev.lockstep.raft.spi.SnapshotSection;
import dev.lockstep.raft.storage.FileStorage;
import dev.lockstep.raft.storage.tools.Tool.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What damage costs is what a host's own recovery says that it costs, group by group. */
class DamagedTest {
    private static final List<String> GROUPS = List.of("first", "second");

    @TempDir Path root;

    private Path at(String name) {
        return root.resolve(name);
    }

    /**
     * Two groups, each write in a batch of its own: entries 1 to 4 of term 1, and 5 to 10 of term
     * 2; a snapshot stands for the first six, whose entries are kept.
     */
    @BeforeEach
    void fill() throws IOException {
        try (LogStore store =
                FileStorage.in(at("n1"))
                        .withSegmentBytes(64 << 10)
                        .open(new ClusterId("old"), NodeId.of("n1"))) {
            for (String name : GROUPS) {
                GroupId group = GroupId.of(name);
                Membership alone = Membership.ofVoters(List.of(store.replica(group).id()));
                Founding founding = new Founding(UUID.randomUUID(), alone, true);
                write(store, new ReplicaWrite(group, founding, term(1), 0, List.of()));
            }
            for (int i = 1; i <= 10; i++) {
                for (String name : GROUPS) {
                    GroupId group = GroupId.of(name);
                    if (i == 5) {
                        write(store, new ReplicaWrite(group, null, term(2), 0, List.of()));
                    }
                    Entry entry =
                            new Entry(
                                    i < 5 ? 1 : 2, i, EntryKind.COMMAND, 1_000 + i, Payload.of(i));
                    write(store, new ReplicaWrite(group, null, null, 0, List.of(entry)));
                }
            }
            for (String name : GROUPS) {
                GroupId group = GroupId.of(name);
                Membership alone = Membership.ofVoters(List.of(store.replica(group).id()));
                SnapshotMeta meta = new SnapshotMeta(new LogPosition(2, 6), 0, alone, 1_006);
                store.snapshots()
                        .write(
                                group,
                                meta,
                                out -> {
                                    out.section(SnapshotSection.REPLICATED).write(1);
                                    out.section(SnapshotSection.APPLICATION).write(2);
                                });
            }
        }
    }

    private static HardState term(long term) {
        return new HardState(term, null);
    }

    private static void write(LogStore store, ReplicaWrite write) throws IOException {
        store.append(write);
        store.sync();
    }

    /** A byte of the only block of the batch that a record of the first group is in. */
    private void damage(String record) throws IOException {
        Result dump = Tool.run("dump", at("n1"), "--group", "first");
        Matcher place =
                Pattern.compile("(wal-\\w+\\.log):(\\d+) batch \\d+ " + record + " ")
                        .matcher(dump.out());
        assertThat(place.find()).as(dump.out()).isTrue();
        Tool.flip(at("n1").resolve(place.group(1)), Long.parseLong(place.group(2)) + 2);
    }

    private String inspected(String directory, String group) {
        String all = Tool.run("inspect", at(directory)).out();
        Matcher part =
                Pattern.compile("(?s)group '" + group + "'\\n(.*?)(?=group '|\\z)").matcher(all);
        assertThat(part.find()).as(all).isTrue();
        return part.group(1);
    }

    private Result cutAtDamage() {
        return Tool.run("cut", at("n1"), "--into", at("new"), "--at-damage", "--yes");
    }

    @Test
    void whatAHostOpensWithoutLossIsExportedAndRecoveredAndNotCut() throws Exception {
        damage("ENTRY 1:3");
        Result verified = Tool.run("verify", at("n1"));
        assertThat(verified.exit()).isEqualTo(StorageCommand.DAMAGED);
        assertThat(verified.out()).contains("group 'first': nothing of it is lost by that");
        assertThat(inspected("n1", "first")).contains("to 10, behind").contains("snapshot 2:6");
        for (String group : GROUPS) {
            Result export =
                    Tool.run("export", at("n1"), "--group", group, "--to", at(group + ".backup"));
            assertThat(export.exit()).as(export.toString()).isEqualTo(0);
            assertThat(export.out()).contains("up to 2:10");
        }
        Result cut = cutAtDamage();
        assertThat(cut.exit()).isEqualTo(StorageCommand.REFUSED);
        assertThat(cut.out()).contains("group 'first': nothing of it is lost");
        assertThat(cut.err()).contains("without loss");

        Result recovered =
                Tool.run("recover", at("n1"), "--into", at("new"), "--cluster", "new", "--yes");
        assertThat(recovered.exit()).as(recovered.toString()).isEqualTo(0);
        for (String group : GROUPS) {
            assertThat(inspected("new", group)).contains("to 12, behind").contains("snapshot 2:6");
        }
    }

    @Test
    void aGroupThatLacksEntriesIsRefusedAndTheOtherIsNot() throws Exception {
        damage("ENTRY 2:8");
        Result export = Tool.run("export", at("n1"), "--group", "first", "--to", at("a"));
        assertThat(export.exit()).isEqualTo(StorageCommand.REFUSED);
        assertThat(export.err()).contains("touched group 'first'").contains("cut --at-damage");
        assertThat(Tool.run("export", at("n1"), "--group", "second", "--to", at("b")).exit())
                .isEqualTo(0);
        Object[] recover = {
            "recover",
            at("n1"),
            "--into",
            at("new"),
            "--cluster",
            "new",
            "--yes",
            "--group",
            "first"
        };
        Result refused = Tool.run(recover);
        assertThat(refused.exit()).isEqualTo(StorageCommand.REFUSED);
        assertThat(refused.err()).contains("touched group 'first'");
        recover =
                new Object[] {"recover", at("n1"), "--into", at("new"), "--cluster", "x", "--yes"};
        Result recovered = Tool.run(recover);
        assertThat(recovered.exit()).as(recovered.toString()).isEqualTo(0);
        assertThat(recovered.out()).contains("group 'first' IS LEFT OUT");
        assertThat(Tool.run("inspect", at("new")).out()).doesNotContain("group 'first'");
        assertThat(inspected("new", "second")).contains("to 12, behind");
    }

    @Test
    void aCutAtTheDamageTakesNothingFromGroupsThatItDidNotTouch() throws Exception {
        damage("ENTRY 2:8");
        String second = inspected("n1", "second");

        Result cut = cutAtDamage();

        assertThat(cut.exit()).as(cut.toString()).isEqualTo(0);
        assertThat(cut.out())
                .contains("group 'first': keeps its entries up to index 7")
                .contains("DROPS those from 8 to 10")
                .contains("group 'second': nothing of it is lost");
        assertThat(inspected("new", "first")).contains("to 7, behind 2:6");
        assertThat(inspected("new", "second"))
                .contains("to 10, behind 2:6")
                .startsWith(second.substring(0, second.indexOf("  log:")));
        assertThat(Tool.run("verify", at("new")).out()).doesNotContain("wal-");
    }

    @Test
    void aGroupIsCutBehindAnIndexWhereWhatItLacksIsDropped() throws Exception {
        damage("ENTRY 2:8");
        Object[] cut = {
            "cut", at("n1"), "--into", at("new"), "--group", "first", "--yes", "--after", "8"
        };
        assertThat(Tool.run(cut).exit()).isEqualTo(StorageCommand.REFUSED);
        cut[cut.length - 1] = "7";
        Result done = Tool.run(cut);
        assertThat(done.exit()).as(done.toString()).isEqualTo(0);
        assertThat(inspected("new", "first")).contains("to 7, behind 2:6");
        assertThat(inspected("new", "second")).contains("to 10, behind 2:6");
    }

    @Test
    void aSnapshotOfALaterTermThanTheLogBeforeTheDamageIsKept() throws Exception {
        damage("HARD_STATE 2:0");

        Result cut = cutAtDamage();

        assertThat(cut.exit()).as(cut.toString()).isEqualTo(0);
        assertThat(cut.out())
                .contains("keeps what stands before the first damage, up to index 6")
                .contains("behind it is 10")
                .contains("group 'second': nothing of it is lost");
        assertThat(inspected("new", "first"))
                .contains("term 2, vote none")
                .contains("snapshot 2:6")
                .contains("to 6, behind 2:6");
        assertThat(inspected("new", "second")).contains("to 10, behind 2:6");
    }
}
