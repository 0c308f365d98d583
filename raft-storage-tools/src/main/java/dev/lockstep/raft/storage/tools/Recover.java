package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.applied.Renumbering;
import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Goes on with one surviving replica of groups that have lost their quorum for good. */
final class Recover {
    private final Directory directory;
    private final Terminal terminal;
    private final Path into;

    Recover(Directory directory, Terminal terminal, Path into) {
        this.directory = directory;
        this.terminal = terminal;
        this.into = into;
    }

    /**
     * @param named the groups to go on with; all when it is empty
     */
    void run(ClusterId cluster, List<GroupId> named, long termFloor, boolean yes)
            throws IOException {
        NewDirectory.check(into);
        HostIdentity identity = directory.identity();
        if (cluster.equals(identity.cluster())) {
            throw new Refused(
                    "the cluster must get another name than '"
                            + cluster
                            + "': members that were given up and come back would mix their log with what goes on here."
                            + " Nothing was changed. Give it a new name.");
        }
        try (LogStore store = directory.open()) {
            TreeMap<GroupId, RecoveredReplica> replicas = new TreeMap<>();
            List<GroupId> chosen = Groups.chosen(directory, named);
            for (GroupId group : chosen) {
                RecoveredReplica replica = find(store, group, !named.isEmpty());
                if (replica == null) {
                    continue;
                }
                Groups.checkFull(group, replica);
                Founding founding = replica.founding();
                if (founding == null || !founding.complete()) {
                    terminal.say(
                            "group '%s' was never founded completely: left out, nothing of it was acknowledged",
                            group);
                } else {
                    replicas.put(group, replica);
                    say(group, replica);
                }
            }
            for (GroupId group : directory.survey().groups()) {
                if (!chosen.contains(group)) {
                    terminal.say(
                            "group '%s' is left out: it begins empty in the new directory", group);
                }
            }
            for (long key : directory.survey().nameless()) {
                terminal.say(
                        "group %s is left out: damage has left no more of it than some records",
                        directory.survey().name(key));
            }
            if (replicas.isEmpty()) {
                throw new Refused("there is no group to go on with; nothing was changed");
            }
            terminal.say(
                    "Makes %s: node %s of the new cluster %s, the only voter of %s. No host starts from %s any more; its"
                            + " files stay. The other members of these groups must stay down, for good.",
                    into, identity.node(), cluster, replicas.keySet(), directory.path());
            terminal.ask(yes);
            make(cluster, identity, store, replicas, termFloor);
        }
        terminal.say(
                "%s is made; what was done stands in its file '%s' and in the log. Start node %s of cluster %s from it;"
                        + " the other hosts start from empty directories and join by changeMembers.",
                into, Audit.FILE, identity.node(), cluster);
    }

    /**
     * @return null when the damage of the directory touched a group that wasn't named
     * @throws Refused when it was named
     */
    private @Nullable RecoveredReplica find(LogStore store, GroupId group, boolean named)
            throws IOException {
        try {
            return Groups.whole(store, group);
        } catch (StorageException e) {
            if (named) {
                throw Groups.affected(group, e);
            }
            terminal.say(
                    "group '%s' IS LEFT OUT, since the damage of this directory touched it: %s",
                    group, e.getMessage());
            terminal.say(
                    "  To go on with what is left of it, too: don't agree here, 'cut --at-damage' first, and 'recover' from"
                            + " the directory which that makes.");
            return null;
        }
    }

    private void make(
            ClusterId cluster,
            HostIdentity identity,
            LogStore store,
            Map<GroupId, RecoveredReplica> replicas,
            long termFloor)
            throws IOException {
        List<String> acts = new ArrayList<>();
        try (NewDirectory made = NewDirectory.at(into, cluster, identity.node(), Map.of())) {
            for (Map.Entry<GroupId, RecoveredReplica> each : replicas.entrySet()) {
                RecoveredReplica replica = each.getValue();
                Content content = Content.of(store, each.getKey(), replica, replica.lastIndex());
                long term = Math.addExact(replica.hardState().term(), termFloor) + 1;
                String act =
                        "group '"
                                + each.getKey()
                                + "' had lost its quorum, and goes on with what "
                                + replica.id()
                                + " of cluster "
                                + identity.cluster()
                                + " held, up to index "
                                + replica.lastIndex()
                                + ", as the only voter of cluster "
                                + cluster
                                + " in term "
                                + term
                                + "; members were "
                                + members(replica);
                new Transplant(made.store(), each.getKey())
                        .foundAnew(
                                content,
                                new Renumbering(content.base(), 0, 0),
                                term,
                                replica.hardState().longestPromiseNanos(),
                                0,
                                Audit.now(act).text());
                acts.add(act);
            }
            made.finish(
                    directory.path(),
                    Audit.now(
                            "recovered "
                                    + directory.path()
                                    + " into "
                                    + into
                                    + ": "
                                    + String.join("; ", acts)));
        }
    }

    private void say(GroupId group, RecoveredReplica replica) {
        Configuration members = Inspect.membership(replica);
        terminal.say(
                "group '%s': %s holds entries up to index %d, in term %d; members were %s",
                group,
                replica.id(),
                replica.lastIndex(),
                replica.hardState().term(),
                members(replica));
        terminal.say(
                "  LOST: every entry behind index %d that the others acknowledged without it. Their clients were told that"
                        + " those are durable.",
                replica.lastIndex());
        terminal.say(
                "  Entries up to there that nobody acknowledged take effect now. Indexes behind %d are given out again,"
                        + " in a higher term: where the index alone is a fencing token, 'export' and 'restore' instead.",
                replica.lastIndex());
        if (members != null && !members.membership().voters().contains(replica.id())) {
            terminal.say(
                    "  IT IS NO VOTER of its group: it may lack any entry. Look for a directory of a voter first.");
        } else if (members != null && members.membership().voters().size() == 1) {
            terminal.say("  It is the only voter: this group hasn't lost its quorum.");
        }
    }

    private static String members(RecoveredReplica replica) {
        Configuration members = Inspect.membership(replica);
        return members == null ? "not known" : members.membership().replicas().toString();
    }
}
