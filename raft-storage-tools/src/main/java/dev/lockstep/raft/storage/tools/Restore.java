package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.applied.Renumbering;
import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the first member of a new cluster out of a backup. */
final class Restore {
    /** More than any cluster appends in years; the numbers stay readable in decimal. */
    static final long INDEX_FLOOR = 1_000_000_000_000L;

    /** Where no snapshot is in the backup, and each index costs an entry. */
    static final long LEAST_INDEX_FLOOR = 1_000_000;

    static final long TERM_FLOOR = 1_000_000;
    private static final long MOST_PADDING = 20_000_000;

    private final Terminal terminal;
    private final Path file;
    private final Path into;

    Restore(Terminal terminal, Path file, Path into) {
        this.terminal = terminal;
        this.file = file;
        this.into = into;
    }

    /**
     * @param indexFloor null for what suits the backup
     */
    void run(ClusterId cluster, NodeId node, @Nullable Long indexFloor, long termFloor, boolean yes)
            throws IOException {
        NewDirectory.check(into);
        BackupReader backup = BackupReader.open(file);
        Backup head = backup.head();
        if (cluster.equals(head.cluster())) {
            throw new Refused(
                    "the new cluster must not be called '"
                            + cluster
                            + "' as the lost one is: hosts of the lost one that come back would be taken for members."
                            + " Nothing was changed. Give it a new name.");
        }
        boolean jumps = backup.snapshot() != null;
        long floor = indexFloor != null ? indexFloor : jumps ? INDEX_FLOOR : LEAST_INDEX_FLOOR;
        if (!jumps && floor > MOST_PADDING) {
            throw new Refused(
                    "the backup has no snapshot, so each index by which the floor is raised costs an entry, and "
                            + floor
                            + " are too many; at most "
                            + MOST_PADDING
                            + " can be made. Nothing was changed. Give a lower --index-floor, start the restored cluster where"
                            + " no client reaches it, take a snapshot, export that, and restore it with the higher one.");
        }
        Renumbering renumbering =
                new Renumbering(backup.base(), jumps ? termFloor : 0, jumps ? floor : 0);
        long term = Math.addExact(head.term(), termFloor) + 1;
        LogPosition end = renumbering.move(head.last());
        say(head, cluster, node, end, jumps ? 0 : floor, term);
        terminal.ask(yes);
        Audit audit =
                Audit.now(
                        "restored group '"
                                + head.group()
                                + "' of cluster "
                                + head.cluster()
                                + " up to "
                                + head.last()
                                + ", founding "
                                + head.founding()
                                + ", from a backup that node "
                                + head.node()
                                + " made at "
                                + Instant.ofEpochMilli(head.madeMillis())
                                + ", as cluster "
                                + cluster
                                + " with node "
                                + node
                                + " as its only voter; index raised by "
                                + floor
                                + ", term by "
                                + termFloor);
        LogPosition said;
        try (NewDirectory made = NewDirectory.at(into, cluster, node, Map.of())) {
            said =
                    new Transplant(made.store(), head.group())
                            .foundAnew(
                                    backup, renumbering, term, 0, jumps ? 0 : floor, audit.text());
            made.finish(null, audit);
        }
        terminal.say(
                "%s is made; the act stands in entry %d and in its file '%s'. Start node %s of cluster %s from it; the"
                        + " other hosts start from empty directories and join by changeMembers.",
                into, said.index() - 1, Audit.FILE, node, cluster);
    }

    private void say(
            Backup head, ClusterId cluster, NodeId node, LogPosition end, long padding, long term) {
        terminal.say(
                "%s: group '%s' of cluster %s, made at %s by node %s, up to %s",
                file,
                head.group(),
                head.cluster(),
                Instant.ofEpochMilli(head.madeMillis()),
                head.node(),
                head.last());
        terminal.say(
                "Restores it into %s as cluster %s, with node %s as its only voter.",
                into, cluster, node);
        terminal.say(
                "Its log will end behind index %d, and its next term is above %d: positions that the lost cluster gave out"
                        + " since the backup must lie below, or raise the floors.",
                end.index() + padding, term);
        terminal.say(
                "What the lost cluster acknowledged after the backup is lost. Its hosts must stay down.");
    }
}
