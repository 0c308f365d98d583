package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.DurableStateMachine;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.spi.Storage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches all replicas of a cluster for what Raft promises (figure 3.2): one leader per term, and
 * the same command at the same index everywhere; what is applied is on the disks of a majority. It
 * sees what the application sees, through a listener and around the state machine, and, when it is
 * put around the storage too, what becomes durable. The first breach throws where it happens.
 */
public final class SafetyChecker {
    private final Map<GroupId, GroupRecord> groups = new TreeMap<>();
    private final List<String> breaches = new ArrayList<>();
    private final Consumer<AssertionError> onBreach;
    private final Consumer<String> sometimes;
    private long elections;

    /** A breach is thrown where it happens, and nowhere else. */
    public SafetyChecker() {
        this(breach -> {});
    }

    /**
     * A breach is thrown where it happens, and told to somebody, since what it is thrown through
     * may swallow it.
     */
    public SafetyChecker(Consumer<AssertionError> onBreach) {
        this(onBreach, condition -> {});
    }

    /**
     * As the other, and tells what happened that should happen sometimes.
     *
     * @param sometimes gets the name of each condition whenever it is hit
     */
    public SafetyChecker(Consumer<AssertionError> onBreach, Consumer<String> sometimes) {
        this.onBreach = onBreach;
        this.sometimes = sometimes;
    }

    /** The listener to give to the next life of that host. */
    public RaftListener listener(NodeId node) {
        groups.values().forEach(group -> group.restarted(node));
        return new RoleWatch(this, node);
    }

    /**
     * The state machine to give to the next life of that replica instead of the application's own.
     */
    public StateMachine watch(GroupId group, NodeId node, StateMachine machine) {
        GroupRecord record = group(group);
        record.restarted(node);
        return machine instanceof DurableStateMachine durable
                ? new WatchedDurableMachine(this, record, node, durable)
                : new WatchedStateMachine(this, record, node, machine);
    }

    /**
     * The storage to give to the next life of that host instead of its own: what is synced must be
     * found again, terms and votes don't go back, and logs match.
     */
    public Storage watch(NodeId node, Storage storage) {
        return (cluster, self) -> new WatchedLogStore(this, node, storage.open(cluster, self));
    }

    /** The disk of that host was replaced by an empty one: what it held is excused. */
    public void wiped(NodeId node) {
        groups.values().forEach(group -> group.wiped(node));
    }

    /** How often a leader was elected, in all groups. */
    public long elections() {
        return elections;
    }

    /** The last index that some replica has applied a command at; 0 when none has. */
    public long lastApplied(GroupId group) {
        return group(group).lastApplied();
    }

    /** Every command that any replica of the group has applied, in log order. */
    public List<Command> commands(GroupId group) {
        return group(group).commands();
    }

    /**
     * Whether each of the hosts has applied, in its present life, every command that any has
     * applied.
     */
    public boolean allApplied(GroupId group, Collection<NodeId> nodes) {
        return group(group).allApplied(nodes);
    }

    /**
     * Demands that each acknowledged command was applied, just once.
     *
     * @param acknowledged different from each other
     * @throws SafetyBreach naming one that was lost or doubled
     */
    public void requireApplied(GroupId group, Collection<Payload> acknowledged) {
        String breach = group(group).lostOrDoubled(acknowledged);
        if (breach != null) {
            breach(breach);
        }
    }

    /**
     * What the state machine first answered to the command at an index; null when there is none.
     */
    public @Nullable Payload answer(GroupId group, long index) {
        return group(group).answer(index);
    }

    /** Whether one of the full replicas durably holds as much as each of the witnesses. */
    public boolean isCovered(GroupId group, Collection<NodeId> witnesses, Collection<NodeId> full) {
        return group(group).isCovered(witnesses, full);
    }

    /** Who lives on that host's disk; null when it is empty. */
    public @Nullable ReplicaId replicaOn(GroupId group, NodeId node) {
        return group(group).replicaOn(node);
    }

    /** Every breach so far; more than one only if somebody caught the first. */
    public List<String> breaches() {
        return List.copyOf(breaches);
    }

    GroupRecord group(GroupId group) {
        return groups.computeIfAbsent(group, g -> new GroupRecord(g, sometimes));
    }

    void elected() {
        elections++;
    }

    void synced(NodeId node) {
        groups.values().forEach(group -> group.synced(node));
    }

    void hit(String condition) {
        sometimes.accept(condition);
    }

    void breachIfAny(@Nullable String what) {
        if (what != null) {
            breach(what);
        }
    }

    void breach(String what) {
        breaches.add(what);
        SafetyBreach breach = new SafetyBreach(what);
        onBreach.accept(breach);
        throw breach;
    }
}
