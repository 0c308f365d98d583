package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.spi.Command;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who has led a group in which term, and in which term everybody is. Each question answers with a
 * breach, or null if there is none.
 */
final class Elections {
    private final Disks disks;
    private final AppliedCommands commands;
    private final Consumer<String> sometimes;
    private final TreeMap<Long, NodeId> leaders = new TreeMap<>();

    /** The latest term that the present life of each host has spoken of. */
    private final Map<NodeId, Long> terms = new HashMap<>();

    /**
     * The latest term that each host has led: its own vote in it was durable, so it can't forget
     * that term.
     */
    private final Map<NodeId, Long> termsLed = new HashMap<>();

    Elections(Disks disks, AppliedCommands commands, Consumer<String> sometimes) {
        this.disks = disks;
        this.commands = commands;
        this.sometimes = sometimes;
    }

    void restarted(NodeId node) {
        terms.remove(node);
    }

    /** Another replica lives there from now on. */
    void wiped(NodeId node) {
        termsLed.remove(node);
    }

    @Nullable String termSeen(NodeId node, long term) {
        long least = Math.max(terms.getOrDefault(node, 0L), termsLed.getOrDefault(node, 0L));
        terms.put(node, term);
        return term < least
                ? "the term of " + node + " went back from " + least + " to " + term
                : null;
    }

    @Nullable String leads(NodeId node, long term) {
        termsLed.put(node, term);
        ReplicaRecord disk = disks.on(node);
        if (disk != null && disk.isWitness()) {
            return node + " is a witness, and leads term " + term;
        }
        String breach = names(node, node, term);
        if (breach == null && disk != null) {
            breach = votesFor(node, disk, term);
        }
        return breach == null ? completeness(node, disk, term) : breach;
    }

    @Nullable String names(NodeId node, NodeId leader, long term) {
        NodeId known = leaders.putIfAbsent(term, leader);
        return known == null || known.equals(leader)
                ? null
                : "term "
                        + term
                        + " has two leaders, "
                        + known
                        + " and "
                        + leader
                        + ", says "
                        + node;
    }

    /** Whoever leads has the durable votes of a quorum, of whom some may have gone on since. */
    private @Nullable String votesFor(NodeId node, ReplicaRecord leader, long term) {
        ReplicaId self = leader.id();
        Predicate<ReplicaRecord> voted =
                disk -> {
                    HardState durable = disk.durableHardState();
                    return durable.term() > term
                            || durable.term() == term && self.equals(durable.vote());
                };
        List<Membership> voters = disks.memberships().last(Long.MAX_VALUE, leader);
        if (!disks.isQuorum(voters, voted)) {
            return node
                    + " leads term "
                    + term
                    + " with "
                    + disks.count(voted)
                    + " durable votes, of "
                    + voters;
        }
        if (!disks.isQuorum(voters, disk -> !disk.isWitness() && voted.test(disk))) {
            sometimes.accept("a witness's vote decides an election");
        }
        return null;
    }

    /**
     * Whoever leads holds what was committed before its term. Of one that wins late, when a later
     * term has had its leader already, it can't be said what that is.
     */
    private @Nullable String completeness(NodeId node, @Nullable ReplicaRecord disk, long term) {
        if (disk == null || leaders.lastKey() > term) {
            return null;
        }
        Command lacking = commands.lastThatLacks(disk);
        return lacking == null
                ? null
                : node + " leads term " + term + " without " + lacking + ", which was applied";
    }
}
