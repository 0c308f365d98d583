package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.storage.StoredDamage;
import dev.lockstep.raft.storage.tools.Salvage.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Makes a directory that holds less than the one at hand. A replica that was cut has forgotten what
 * it acknowledged and maybe votes, so it isn't the voter that it was: it gets an incarnation of its
 * own, and is taken in again by a change of the membership.
 */
final class Cut {
    private final Directory directory;
    private final Terminal terminal;
    private final Path into;

    Cut(Directory directory, Terminal terminal, Path into) {
        this.directory = directory;
        this.terminal = terminal;
        this.into = into;
    }

    /** Drops the entries of one group behind an index; the other groups stay as they are. */
    void behind(GroupId group, long index, boolean yes) throws IOException {
        NewDirectory.check(into);
        Groups.check(directory, group);
        HostIdentity identity = directory.identity();
        try (LogStore store = directory.open()) {
            TreeMap<GroupId, Part> parts = new TreeMap<>();
            for (GroupId each : directory.survey().groups()) {
                if (each.equals(group)) {
                    parts.put(each, new Part(store, upTo(store, group, index), index, false));
                } else {
                    RecoveredReplica replica = Groups.unaffected(store, each);
                    parts.put(each, new Part(store, replica, replica.lastIndex(), true));
                }
            }
            RecoveredReplica cut = store.replica(group);
            terminal.say(
                    "Makes %s, in which %s lacks its entries from %d to %d of group '%s'.",
                    into, cut.id(), index + 1, cut.lastIndex(), group);
            sayWhatItMeans();
            terminal.say("The groups %s stay as they are.", living(parts).keySet());
            terminal.ask(yes);
            make(identity, parts, "cut group '" + group + "' behind index " + index);
        }
    }

    /** What is damaged may be what is cut off. */
    private static RecoveredReplica upTo(LogStore store, GroupId group, long index)
            throws IOException {
        RecoveredReplica replica = store.replica(group);
        Fault loss = Groups.loss(replica);
        boolean dropped = replica.damage() != null && replica.damaged().get(0).index() > index;
        if (loss != null && !dropped) {
            throw Groups.affected(group, new StorageException(loss));
        }
        checkRange(group, replica, index);
        return replica;
    }

    /** Drops what the damage of the log has made useless, of the groups that it touched. */
    void atDamage(boolean yes) throws IOException {
        NewDirectory.check(into);
        HostIdentity identity = directory.identity();
        Survey survey = directory.survey();
        if (survey.damages().isEmpty()) {
            throw new Refused(directory.path() + " isn't damaged; nothing was changed");
        }
        StoredDamage first = survey.damages().get(0);
        terminal.say(
                "%s is damaged in %d places, first in %s at offset %d: %s",
                directory.path(),
                survey.damages().size(),
                first.file(),
                first.offset(),
                first.what());
        try (Salvage salvage = new Salvage(directory, terminal)) {
            Map<GroupId, Part> parts = salvage.parts();
            checkNeeded(parts);
            terminal.say(
                    "Makes %s of that. The groups %s stay as they are.",
                    into, living(parts).keySet());
            sayWhatItMeans();
            terminal.ask(yes);
            make(
                    identity,
                    parts,
                    "cut at the damage in " + first.file() + " at offset " + first.offset());
        }
    }

    private void checkNeeded(Map<GroupId, Part> parts) throws IOException {
        if (parts.isEmpty()) {
            throw new Refused(
                    "nothing can be kept of any group. Nothing was changed. Keep "
                            + directory.path()
                            + " aside and start from an empty directory.");
        }
        boolean isAll =
                parts.keySet().containsAll(directory.survey().groups())
                        && directory.survey().nameless().isEmpty();
        if (isAll && living(parts).size() == parts.size()) {
            throw new Refused(
                    directory.path()
                            + " is damaged where nothing is needed any more, or where another place says the same: a host"
                            + " opens it without loss, and so do 'export', 'recover' and 'cut --group'. There is nothing to"
                            + " cut, and nothing was changed.");
        }
    }

    private void sayWhatItMeans() {
        terminal.say(
                "What is dropped may have been acknowledged; then it is lost unless another replica holds it. A replica that"
                        + " was cut isn't the voter that it was: it gets a new incarnation, has no vote, and is taken in"
                        + " again by changeMembers (replace), which needs a majority of the others. Where there is none,"
                        + " 'recover' goes on with it alone.");
        terminal.say("No host starts from %s any more; its files stay.", directory.path());
    }

    private static void checkRange(GroupId group, RecoveredReplica replica, long index)
            throws IOException {
        long least = replica.snapshot() == null ? 0 : replica.snapshot().position().index();
        if (index < least || index >= replica.lastIndex()) {
            throw new Refused(
                    "group '"
                            + group
                            + "' can be cut behind an index from "
                            + least
                            + ", where its snapshot stands, to "
                            + (replica.lastIndex() - 1)
                            + ", before its last entry; not behind "
                            + index
                            + ". Nothing was changed.");
        }
    }

    private static Map<GroupId, UUID> living(Map<GroupId, Part> parts) {
        TreeMap<GroupId, UUID> living = new TreeMap<>();
        parts.forEach(
                (group, part) -> {
                    if (part.lives()) {
                        living.put(group, part.replica().id().incarnation());
                    }
                });
        return living;
    }

    private void make(HostIdentity identity, Map<GroupId, Part> parts, String what)
            throws IOException {
        try (NewDirectory made =
                NewDirectory.at(into, identity.cluster(), identity.node(), living(parts))) {
            for (Map.Entry<GroupId, Part> each : parts.entrySet()) {
                GroupId group = each.getKey();
                Part part = each.getValue();
                RecoveredReplica replica = part.replica();
                HardState hardState = replica.hardState();
                if (!part.lives()) {
                    // The vote was the old incarnation's; the term is kept, since entries are of
                    // it.
                    hardState =
                            new HardState(hardState.term(), null, hardState.longestPromiseNanos());
                    made.store().replica(group, replica.id().isWitness());
                }
                new Transplant(made.store(), group)
                        .keep(
                                replica.founding(),
                                hardState,
                                Content.of(part.store(), group, replica, part.last()));
            }
            made.finish(
                    directory.path(),
                    Audit.now(what + ", from " + directory.path() + " into " + into));
        }
        terminal.say("%s is made. Start node %s from it.", into, identity.node());
    }
}
