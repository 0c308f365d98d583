package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one group from all its replicas. Each question answers with a breach, or null if
 * there is none.
 */
final class GroupRecord {
    private final GroupId group;
    private final Map<Long, NodeId> leaders = new HashMap<>();
    private final TreeMap<Long, Command> commands = new TreeMap<>();
    private final Map<NodeId, Long> applied = new HashMap<>();

    /** The latest term that the present life of each host has spoken of. */
    private final Map<NodeId, Long> terms = new HashMap<>();

    /**
     * The latest term that each host has led: its own vote in it was durable, so it can't forget
     * that term.
     */
    private final Map<NodeId, Long> termsLed = new HashMap<>();

    GroupRecord(GroupId group) {
        this.group = group;
    }

    /**
     * Begins another life, which may have forgotten what wasn't durable, and applies from the start
     * again.
     */
    void restarted(NodeId node) {
        applied.remove(node);
        terms.remove(node);
    }

    @Nullable String termSeen(NodeId node, long term) {
        long least = Math.max(terms.getOrDefault(node, 0L), termsLed.getOrDefault(node, 0L));
        terms.put(node, term);
        return term < least
                ? group + ": the term of " + node + " went back from " + least + " to " + term
                : null;
    }

    @Nullable String leads(NodeId node, long term) {
        termsLed.put(node, term);
        return names(node, node, term);
    }

    @Nullable String names(NodeId node, NodeId leader, long term) {
        NodeId known = leaders.putIfAbsent(term, leader);
        return known == null || known.equals(leader)
                ? null
                : group
                        + ": term "
                        + term
                        + " has two leaders, "
                        + known
                        + " and "
                        + leader
                        + ", says "
                        + node;
    }

    @Nullable String applied(NodeId node, Command command) {
        long index = command.position().index();
        long before = applied.getOrDefault(node, 0L);
        if (index <= before) {
            return group + ": " + node + " applied " + index + " after " + before;
        }
        applied.put(node, index);
        Command known = commands.putIfAbsent(index, command);
        if (known != null && !known.equals(command)) {
            return group
                    + ": index "
                    + index
                    + " is "
                    + known
                    + " elsewhere and "
                    + command
                    + " on "
                    + node;
        }
        Long skipped = commands.higherKey(before);
        if (skipped != null && skipped < index) {
            return group
                    + ": "
                    + node
                    + " went from "
                    + before
                    + " to "
                    + index
                    + " and skipped "
                    + commands.get(skipped);
        }
        if (known == null) {
            return orderOf(node, command);
        }
        return null;
    }

    /**
     * A command that is new to all must come after all that others have applied, and follow it in
     * term and time.
     */
    private @Nullable String orderOf(NodeId node, Command command) {
        long index = command.position().index();
        for (Map.Entry<NodeId, Long> other : applied.entrySet()) {
            if (other.getValue() > index) {
                return group
                        + ": "
                        + other.getKey()
                        + " applied "
                        + other.getValue()
                        + " without "
                        + command
                        + ", which "
                        + node
                        + " applied";
            }
        }
        Map.Entry<Long, Command> previous = commands.lowerEntry(index);
        if (previous != null
                && (previous.getValue().position().term() > command.position().term()
                        || previous.getValue().timestampMillis() > command.timestampMillis())) {
            return group
                    + ": "
                    + command
                    + " goes back in term or time behind "
                    + previous.getValue();
        }
        return null;
    }

    /** Every command that any replica has applied, in log order. */
    List<Command> commands() {
        return List.copyOf(commands.values());
    }

    long lastApplied() {
        return commands.isEmpty() ? 0 : commands.lastKey();
    }

    boolean allApplied(Collection<NodeId> nodes) {
        return nodes.stream().allMatch(node -> applied.getOrDefault(node, 0L) == lastApplied());
    }

    @Nullable String lostOrDoubled(Collection<Payload> acknowledged) {
        Set<Payload> once = new HashSet<>();
        Set<Payload> twice = new HashSet<>();
        for (Command command : commands.values()) {
            if (!once.add(command.payload())) {
                twice.add(command.payload());
            }
        }
        for (Payload payload : acknowledged) {
            if (!once.contains(payload)) {
                return group + ": the acknowledged command " + payload + " was never applied";
            }
            if (twice.contains(payload)) {
                return group + ": the acknowledged command " + payload + " was applied twice";
            }
        }
        return null;
    }
}
