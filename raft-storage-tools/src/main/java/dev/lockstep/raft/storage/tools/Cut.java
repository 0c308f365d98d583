package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.storage.StoredDamage;
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
            TreeMap<GroupId, RecoveredReplica> replicas = new TreeMap<>();
            TreeMap<GroupId, UUID> living = new TreeMap<>();
            for (GroupId each : directory.survey().groups()) {
                RecoveredReplica replica = Groups.whole(store, each);
                replicas.put(each, replica);
                if (!each.equals(group)) {
                    living.put(each, replica.id().incarnation());
                }
            }
            RecoveredReplica cut = store.replica(group);
            checkRange(group, cut, index);
            terminal.say(
                    "Makes %s, in which %s lacks its entries from %d to %d of group '%s'.",
                    into, cut.id(), index + 1, cut.lastIndex(), group);
            sayWhatItMeans();
            terminal.say("The groups %s stay as they are.", living.keySet());
            terminal.ask(yes);
            make(
                    identity,
                    store,
                    replicas,
                    living,
                    Map.of(group, index),
                    "cut group '" + group + "' behind index " + index);
        }
    }

    /** Drops all that stands in the log from its first damage on, of every group. */
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
        try (LogStore store = directory.openBeforeDamage()) {
            TreeMap<GroupId, RecoveredReplica> replicas = new TreeMap<>();
            for (GroupId group : survey.groups()) {
                try {
                    RecoveredReplica replica = Groups.whole(store, group);
                    replicas.put(group, replica);
                    terminal.say(
                            "group '%s': keeps what it holds up to index %d; the last entry that can be read behind the"
                                    + " damage is %d",
                            group,
                            replica.lastIndex(),
                            Math.max(survey.lastEntry(group), replica.lastIndex()));
                } catch (StorageException e) {
                    terminal.say("group '%s' is left out: %s", group, e.getMessage());
                }
            }
            terminal.say("Makes %s of what stands before the damage, of every group.", into);
            sayWhatItMeans();
            terminal.ask(yes);
            make(
                    identity,
                    store,
                    replicas,
                    new TreeMap<>(),
                    Map.of(),
                    "cut at the damage in " + first.file() + " at offset " + first.offset());
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

    private void make(
            HostIdentity identity,
            LogStore store,
            Map<GroupId, RecoveredReplica> replicas,
            Map<GroupId, UUID> living,
            Map<GroupId, Long> lastKept,
            String what)
            throws IOException {
        try (NewDirectory made =
                NewDirectory.at(into, identity.cluster(), identity.node(), living)) {
            for (Map.Entry<GroupId, RecoveredReplica> each : replicas.entrySet()) {
                GroupId group = each.getKey();
                RecoveredReplica replica = each.getValue();
                HardState hardState = replica.hardState();
                if (!living.containsKey(group)) {
                    // The vote was the old incarnation's; the term is kept, since entries are of
                    // it.
                    hardState =
                            new HardState(hardState.term(), null, hardState.longestPromiseNanos());
                    made.store().replica(group, replica.id().isWitness());
                }
                long last = lastKept.getOrDefault(group, replica.lastIndex());
                new Transplant(made.store(), group)
                        .keep(
                                replica.founding(),
                                hardState,
                                Content.of(store, group, replica, last));
            }
            made.finish(
                    directory.path(),
                    Audit.now(what + ", from " + directory.path() + " into " + into));
        }
        terminal.say("%s is made. Start node %s from it.", into, identity.node());
    }
}
