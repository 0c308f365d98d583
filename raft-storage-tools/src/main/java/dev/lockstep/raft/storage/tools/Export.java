package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes what a replica holds of its group into one file. */
final class Export {
    private final Directory directory;
    private final Terminal terminal;

    Export(Directory directory, Terminal terminal) {
        this.directory = directory;
        this.terminal = terminal;
    }

    void run(GroupId group, Path file) throws IOException {
        HostIdentity identity = directory.identity();
        Groups.check(directory, group);
        try (LogStore store = directory.open()) {
            RecoveredReplica replica = Groups.unaffected(store, group);
            Groups.checkFull(group, replica);
            Founding founding = replica.founding();
            Configuration members = Inspect.membership(replica);
            if (founding == null || !founding.complete() || members == null) {
                throw new Refused(
                        "group '"
                                + group
                                + "' was never founded as far as this replica knows, so it holds nothing that was"
                                + " acknowledged. Nothing was written.");
            }
            Content content = Content.of(store, group, replica, replica.lastIndex());
            List<SnapshotId> snapshots = store.snapshots().list(group);
            long snapshotBytes =
                    content.snapshot() == null ? 0 : snapshots.get(snapshots.size() - 1).bytes();
            Backup head =
                    new Backup(
                            System.currentTimeMillis(),
                            identity.cluster(),
                            identity.node(),
                            group,
                            founding.uuid(),
                            replica.hardState().term(),
                            last(replica, content),
                            members.membership(),
                            snapshotBytes,
                            replica.lastIndex() - content.base().index());
            BackupWriter.write(file, head, content);
            terminal.say(
                    "%s: group '%s' up to %s, %d bytes: a snapshot of %d bytes at %s and %d entries behind it",
                    file,
                    group,
                    head.last(),
                    Files.size(file),
                    snapshotBytes,
                    content.base(),
                    head.entries());
            terminal.say(
                    "It holds what this replica holds. What a majority without it acknowledged is not in it, and its last"
                            + " entries may never have been acknowledged.");
            if (snapshotBytes == 0) {
                terminal.say(
                        "There is no snapshot in it, so a restore can raise the index but little. Better: take a snapshot"
                                + " (RaftGroup.snapshot), and export again.");
            }
        }
    }

    private static LogPosition last(RecoveredReplica replica, Content content) {
        return replica.lastIndex() <= content.base().index()
                ? content.base()
                : new LogPosition(
                        replica.terms().get(replica.terms().size() - 1).term(),
                        replica.lastIndex());
    }
}
