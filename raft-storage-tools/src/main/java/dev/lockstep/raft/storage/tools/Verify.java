package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.applied.AppliedState;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.SnapshotReader;
import dev.lockstep.raft.spi.SnapshotSection;
import dev.lockstep.raft.storage.StorageInspection;
import dev.lockstep.raft.storage.StoredDamage;
import dev.lockstep.raft.storage.StoredDamage.LostRecord;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Checks every block, batch, record and snapshot of a directory, and what they say together. */
final class Verify {
    private final Directory directory;
    private final Terminal terminal;
    private int found;

    Verify(Directory directory, Terminal terminal) {
        this.directory = directory;
        this.terminal = terminal;
    }

    /** Returns whether all is whole. */
    boolean run() throws IOException {
        try {
            HostIdentity identity = directory.identity();
            terminal.say(
                    "%s: node %s of cluster %s",
                    directory.path(), identity.node(), identity.cluster());
            peers(identity);
            log();
        } catch (StorageException e) {
            damage("the identity", e.getMessage());
            terminal.say("  without it the log can't be judged");
        }
        int snapshots = 0;
        for (String name : StorageInspection.snapshots(directory.view())) {
            snapshot(name);
            snapshots++;
        }
        terminal.say("checked %d snapshots", snapshots);
        terminal.say(found == 0 ? "all is whole" : found + " damaged places");
        return found == 0;
    }

    private void peers(HostIdentity host) throws IOException {
        try {
            terminal.say(
                    "checked the starts of %d directories of peers",
                    StorageInspection.peers(directory.view(), host.cluster()).size());
        } catch (StorageException e) {
            damage("the peers' starts", e.getMessage());
        }
    }

    private void log() throws IOException {
        Survey survey = directory.survey();
        for (StoredDamage damage : survey.damages()) {
            log(survey, damage);
        }
        for (String place : survey.unfinished()) {
            terminal.say(
                    "%s: a write that a crash interrupted. No damage: nothing of it was acknowledged, and the next start"
                            + " removes it.",
                    place);
        }
        terminal.say(
                "checked %d segments, %d batches, %d records of %d groups",
                StorageInspection.segments(directory.view()).size(),
                survey.batches(),
                survey.records(),
                survey.groups().size());
        together(survey);
    }

    private void log(Survey survey, StoredDamage damage) {
        damage(
                damage.file() + " at offset " + damage.offset(),
                damage.code() + ", " + damage.what());
        TreeMap<String, Integer> lost = new TreeMap<>();
        for (LostRecord record : damage.lost()) {
            String group = "group " + survey.name(record.group());
            String what =
                    switch (record.kind()) {
                        case "ENTRY" ->
                                group
                                        + ": entry "
                                        + record.term()
                                        + ":"
                                        + record.index()
                                        + "; this replica may have acknowledged it, another one may hold it";
                        case "HARD_STATE" ->
                                group
                                        + ": a vote or term; unless it is said anew later, this replica must not vote";
                        case "LOST" -> "that a group was lost before";
                        case "CHECKPOINT_END" -> "the end of a list of all replicas";
                        default ->
                                group
                                        + ": a record of kind "
                                        + record.kind()
                                        + "; unless it is said anew later, this replica isn't known";
                    };
            lost.merge(what, 1, Integer::sum);
        }
        lost.forEach((what, times) -> terminal.say("  lost of %s", what));
        if (!damage.allNamed()) {
            terminal.say(
                    "  what %swas here isn't known: entries and votes of any group in this log may be lost by it",
                    damage.lost().isEmpty() ? "" : "else ");
        }
    }

    /** Whether the records make up logs, which only a host's own recovery can say. */
    private void together(Survey survey) throws IOException {
        try (LogStore store = directory.open()) {
            for (GroupId group : survey.groups()) {
                try {
                    RecoveredReplica unused = Groups.whole(store, group);
                    if (!survey.damages().isEmpty()) {
                        terminal.say(
                                "group '%s': nothing of it is lost by that; a host opens it as what it was",
                                group);
                    }
                } catch (StorageException e) {
                    damage("group '" + group + "'", e.getMessage());
                }
            }
        } catch (StorageException e) {
            damage("the log", "a host refuses it: " + e.getMessage());
        }
    }

    private void snapshot(String name) throws IOException {
        try (InputStream in = new BufferedInputStream(stream(name), 1 << 18)) {
            SnapshotReader reader = new SnapshotReader(in, name);
            byte[] replicated = reader.section(SnapshotSection.REPLICATED).readAllBytes();
            reader.finish();
            String right = StorageInspection.snapshotName(reader.group(), reader.meta().position());
            if (!right.equals(name)) {
                damage(name, "it is a whole snapshot, but one that is called " + right);
            }
            new AppliedState().restore(Payload.wrap(replicated));
        } catch (StorageException e) {
            damage(name, e.getMessage());
        } catch (IllegalArgumentException e) {
            damage(name, "its checksums are right, but its sessions make no sense: " + e);
        }
    }

    private InputStream stream(String name) throws IOException {
        return Files.newInputStream(directory.path().resolve(name));
    }

    private void damage(String where, @Nullable String what) {
        found++;
        terminal.say("%s: %s", where, what);
    }
}
