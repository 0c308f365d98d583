package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.storage.StorageInspection;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says who a directory's host is, and what it holds of each group. */
final class Inspect {
    private final Directory directory;
    private final Terminal terminal;

    Inspect(Directory directory, Terminal terminal) {
        this.directory = directory;
        this.terminal = terminal;
    }

    /** Returns whether the log is whole. */
    boolean run() throws IOException {
        HostIdentity identity = directory.identity();
        terminal.say(
                "%s: node %s of cluster %s", directory.path(), identity.node(), identity.cluster());
        terminal.say("  host incarnation %s, boot %d", identity.incarnation(), identity.boot());
        peers(identity);
        Survey survey = directory.survey();
        terminal.say(
                "  log: %d segments, %d batches, %d records",
                StorageInspection.segments(directory.view()).size(),
                survey.batches(),
                survey.records());
        boolean whole = survey.damages().isEmpty();
        if (!whole) {
            terminal.say(
                    "  DAMAGED in %d places, first in %s at offset %d. What follows is what a host finds. See 'verify'.",
                    survey.damages().size(),
                    survey.damages().get(0).file(),
                    survey.damages().get(0).offset());
        }
        try (LogStore store = open(whole)) {
            for (GroupId group : survey.groups()) {
                group(store, group);
            }
        }
        return whole;
    }

    private LogStore open(boolean whole) throws IOException {
        try {
            return directory.open();
        } catch (StorageException e) {
            if (whole) {
                throw e;
            }
            terminal.say(
                    "  A host refuses it (%s); what stands before the first damage is shown.",
                    e.getMessage());
            return directory.openBeforeDamage();
        }
    }

    private void peers(HostIdentity host) throws IOException {
        try {
            for (HostIdentity peer : StorageInspection.peers(directory.view(), host.cluster())) {
                terminal.say(
                        "  saw node %s in boot %d of its directory %s",
                        peer.node(), peer.boot(), peer.incarnation());
            }
        } catch (StorageException e) {
            terminal.say("  what it saw of its peers can't be read: %s", e.getMessage());
        }
    }

    private void group(LogStore store, GroupId group) throws IOException {
        terminal.say("group '%s'", group);
        RecoveredReplica replica;
        try {
            replica = store.replica(group);
        } catch (IOException e) {
            terminal.say("  can't be opened: %s", e.getMessage());
            return;
        }
        Fault loss = Groups.loss(replica);
        if (loss != null && replica.damage() == null) {
            terminal.say("  can't go on as what it was: %s", loss.message());
            return;
        }
        terminal.say("  replica %s", replica.id());
        if (loss != null) {
            terminal.say("  DAMAGED: %s", loss.message());
        }
        Founding founding = replica.founding();
        terminal.say(
                "  founding: %s",
                founding == null
                        ? "none"
                        : founding.uuid()
                                + (founding.complete() ? "" : ", incomplete")
                                + ", voters "
                                + founding.initial().voters());
        terminal.say(
                "  term %d, vote %s, longest promise %d ms",
                replica.hardState().term(),
                replica.hardState().vote() == null ? "none" : replica.hardState().vote(),
                replica.hardState().longestPromiseNanos() / 1_000_000);
        terminal.say(
                "  log: entries %d to %d, behind %s",
                replica.base().index() + 1, replica.lastIndex(), replica.base());
        for (SnapshotId snapshot : store.snapshots().list(group)) {
            terminal.say("  snapshot %s, %d bytes", snapshot.position(), snapshot.bytes());
        }
        Configuration members = membership(replica);
        if (members != null) {
            terminal.say(
                    "  membership (entry %d): voters %s%s%s",
                    members.index(),
                    members.membership().voters(),
                    members.membership().isJoint()
                            ? ", leaving " + members.membership().outgoing()
                            : "",
                    members.membership().learners().isEmpty()
                            ? ""
                            : ", learners " + members.membership().learners());
        }
    }

    /** The one at the log's end; null before the group is founded. */
    static @Nullable Configuration membership(RecoveredReplica replica) {
        SnapshotMeta snapshot = replica.snapshot();
        Founding founding = replica.founding();
        Configuration found = null;
        if (snapshot != null) {
            found = new Configuration(snapshot.configurationIndex(), snapshot.membership(), true);
        } else if (founding != null) {
            found = new Configuration(0, founding.initial(), true);
        }
        List<Entry> entries = replica.configurations();
        if (!entries.isEmpty()) {
            Entry last = entries.get(entries.size() - 1);
            if (found == null || last.index() > found.index()) {
                found =
                        new Configuration(
                                last.index(), MembershipFormat.decode(last.payload()), false);
            }
        }
        return found;
    }
}
