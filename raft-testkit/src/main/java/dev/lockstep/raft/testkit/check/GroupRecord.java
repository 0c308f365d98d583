package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.WrittenLog;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one group from all its replicas: what they have applied, and, in parts of their
 * own, what their disks hold, who led, and what witnesses were told. Each question answers with a
 * breach, or null if there is none.
 */
final class GroupRecord {
    private final GroupId group;
    private final Consumer<String> sometimes;
    private final AppliedCommands commands = new AppliedCommands();
    private final Disks disks;
    private final Elections elections;
    private final WitnessRule witnesses;

    /** The last index that the present life of each host has applied a command at. */
    private final Map<NodeId, Long> applied = new TreeMap<>();

    GroupRecord(GroupId group, Consumer<String> sometimes) {
        this.group = group;
        this.sometimes = sometimes;
        this.disks = new Disks(commands, sometimes);
        this.elections = new Elections(disks, commands, sometimes);
        this.witnesses = new WitnessRule(disks, commands, sometimes);
    }

    /**
     * Begins another life, which may have forgotten what wasn't durable, and applies from the start
     * again.
     */
    void restarted(NodeId node) {
        applied.remove(node);
        elections.restarted(node);
    }

    // ---- roles ----

    @Nullable String termSeen(NodeId node, long term) {
        return inGroup(elections.termSeen(node, term));
    }

    @Nullable String leads(NodeId node, long term) {
        return inGroup(elections.leads(node, term));
    }

    @Nullable String names(NodeId node, NodeId leader, long term) {
        return inGroup(elections.names(node, leader, term));
    }

    /** Whether this leader has written what nobody is known to have applied. */
    boolean hasUncommitted(NodeId node) {
        ReplicaRecord disk = disks.on(node);
        return disk != null && disk.last() > commands.last();
    }

    void configurationChanged(Configuration now) {
        disks.memberships().inForce(now.index(), now.membership(), now.committed());
    }

    /** Commits of that term need witnesses, says its leader. */
    void runsOnWitness(long term) {
        witnesses.runsOnWitness(term);
    }

    boolean isCovered(Collection<NodeId> byWitnesses, Collection<NodeId> full) {
        return witnesses.isCovered(byWitnesses, full);
    }

    // ---- disks ----

    @Nullable ReplicaId replicaOn(NodeId node) {
        return disks.replicaOn(node);
    }

    @Nullable String recovered(NodeId node, RecoveredReplica found) {
        if (found.beganAnew() != null) {
            elections.wiped(node);
        }
        return of(node, disks.recovered(node, found));
    }

    @Nullable String wrote(NodeId node, ReplicaWrite write) {
        String breach = disks.wrote(node, write);
        ReplicaRecord disk = disks.on(node);
        for (Entry entry : write.entries()) {
            if (breach == null && disk != null && disk.isWitness()) {
                breach = witnesses.told(disk, entry);
            }
        }
        return of(node, breach);
    }

    /** There was no room for what was told to {@link #wrote} last; that is what was taken. */
    void refused(NodeId node, WrittenLog taken) {
        ReplicaRecord disk = disks.on(node);
        if (disk != null) {
            disk.refused(taken);
        }
    }

    void synced(NodeId node) {
        disks.synced(node);
    }

    @Nullable String read(NodeId node, List<Entry> read) {
        return of(node, disks.read(read));
    }

    void wiped(NodeId node) {
        disks.wiped(node);
        elections.wiped(node);
    }

    // ---- state machines ----

    /** The last index that the present life of that host has applied a command at. */
    long appliedBy(NodeId node) {
        return applied.getOrDefault(node, 0L);
    }

    /** The present life of that host goes on behind a command that its own state holds. */
    void wentOn(NodeId node, long index) {
        applied.put(node, index);
    }

    /** A snapshot, which holds everything up to a command, took the place of what was applied. */
    @Nullable String restored(NodeId node, long index) {
        long before = appliedBy(node);
        applied.put(node, index);
        return index < before
                ? group + ": " + node + " went back from " + before + " to a snapshot of " + index
                : null;
    }

    @Nullable String applied(NodeId node, Command command) {
        long index = command.position().index();
        long before = appliedBy(node);
        if (index <= before) {
            return group + ": " + node + " applied " + index + " after " + before;
        }
        applied.put(node, index);
        boolean first = commands.at(index) == null;
        String breach = commands.breach(node, before, command);
        if (breach == null && first) {
            breach = skippedByOthers(node, command);
            commands.put(command);
            if (breach == null) {
                breach = durability(node, command);
            }
        }
        return inGroup(breach);
    }

    /** What is applied first anywhere is on the disks of a quorum. */
    private @Nullable String durability(NodeId node, Command command) {
        ReplicaRecord log = disks.on(node);
        if (log == null) {
            return null;
        }
        LogPosition at = command.position();
        List<Membership> voters = disks.memberships().countedAt(at.index(), log);
        if (!disks.isQuorum(voters, disk -> disk.holdsDurably(at))) {
            return command
                    + " is applied and durable on "
                    + disks.count(disk -> disk.holdsDurably(at))
                    + " disks only, of "
                    + voters;
        }
        if (!disks.isQuorum(voters, disk -> !disk.isWitness() && disk.holdsDurably(at))) {
            sometimes.accept("a witness completes a quorum");
        }
        return null;
    }

    /** A command that is new to all must come after all that others have applied. */
    private @Nullable String skippedByOthers(NodeId node, Command command) {
        for (Map.Entry<NodeId, Long> other : applied.entrySet()) {
            if (other.getValue() > command.position().index()) {
                return other.getKey()
                        + " applied "
                        + other.getValue()
                        + " without "
                        + command
                        + ", which "
                        + node
                        + " applied";
            }
        }
        return null;
    }

    @Nullable String answered(NodeId node, LogPosition position, Payload answer) {
        Payload known = commands.answer(position.index(), answer);
        return known.equals(answer)
                ? null
                : group
                        + ": "
                        + node
                        + " answers the command at "
                        + position
                        + " with "
                        + answer
                        + ", another replica did with "
                        + known
                        + ": the state machine isn't deterministic";
    }

    @Nullable Payload answer(long index) {
        return commands.answer(index);
    }

    long lastApplied() {
        return commands.last();
    }

    boolean allApplied(Collection<NodeId> nodes) {
        for (NodeId node : nodes) {
            if (appliedBy(node) != lastApplied()) {
                return false;
            }
        }
        return true;
    }

    List<Command> commands() {
        return commands.all();
    }

    @Nullable String lostOrDoubled(Collection<Payload> acknowledged) {
        return inGroup(commands.lostOrDoubled(acknowledged));
    }

    private @Nullable String of(NodeId node, @Nullable String breach) {
        return breach == null ? null : group + ": " + node + " " + breach;
    }

    private @Nullable String inGroup(@Nullable String breach) {
        return breach == null ? null : group + ": " + breach;
    }
}
