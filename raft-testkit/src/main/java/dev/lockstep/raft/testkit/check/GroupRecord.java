package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one group from all its replicas. Each question answers with a breach, or null if
 * there is none.
 */
final class GroupRecord {
    private static final int LONG_SUFFIX = 5;

    private final GroupId group;
    private final Consumer<String> sometimes;
    private final TreeMap<Long, NodeId> leaders = new TreeMap<>();
    private final AppliedCommands commands = new AppliedCommands();
    private final KnownEntries entries = new KnownEntries();
    private final Map<NodeId, Long> applied = new TreeMap<>();

    /** What each machine's disk must hold; empty when nobody watches the disks. */
    private final Map<NodeId, ReplicaRecord> disks = new TreeMap<>();

    /** Who was last found on each machine's disk. */
    private final Map<NodeId, ReplicaId> replicas = new TreeMap<>();

    private int wipedDisks;

    /** The term of the newest configuration that any disk was given, if that is joint; else 0. */
    private long jointTerm;

    /** Whether the voters are those that opened the group, so that a majority can be counted. */
    private boolean firstMembership = true;

    /** The latest term that the present life of each host has spoken of. */
    private final Map<NodeId, Long> terms = new HashMap<>();

    /**
     * The latest term that each host has led: its own vote in it was durable, so it can't forget
     * that term.
     */
    private final Map<NodeId, Long> termsLed = new HashMap<>();

    /** The terms in which leaders have said that they commit with the help of witnesses. */
    private final TreeSet<Long> onWitness = new TreeSet<>();

    GroupRecord(GroupId group, Consumer<String> sometimes) {
        this.group = group;
        this.sometimes = sometimes;
    }

    /**
     * Begins another life, which may have forgotten what wasn't durable, and applies from the start
     * again.
     */
    void restarted(NodeId node) {
        applied.remove(node);
        terms.remove(node);
    }

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

    // ---- roles ----

    @Nullable String termSeen(NodeId node, long term) {
        long least = Math.max(terms.getOrDefault(node, 0L), termsLed.getOrDefault(node, 0L));
        terms.put(node, term);
        return term < least
                ? group + ": the term of " + node + " went back from " + least + " to " + term
                : null;
    }

    @Nullable String leads(NodeId node, long term) {
        termsLed.put(node, term);
        ReplicaRecord disk = disks.get(node);
        if (disk != null && disk.isWitness()) {
            return group + ": " + node + " is a witness, and leads term " + term;
        }
        String breach = names(node, node, term);
        if (breach == null) {
            breach = votesFor(node, term);
        }
        return breach == null ? completeness(node, term) : breach;
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

    /** Whoever leads has the durable votes of a majority, unless voters have gone on since. */
    private @Nullable String votesFor(NodeId node, long term) {
        int votes = 0;
        int full = 0;
        for (ReplicaRecord disk : disks.values()) {
            HardState durable = disk.durableHardState();
            boolean voted =
                    durable.term() == term
                            && durable.vote() != null
                            && durable.vote().node().equals(node);
            votes += voted || durable.term() > term ? 1 : 0;
            full += voted && !disk.isWitness() ? 1 : 0;
        }
        if (votes > full && !isMajority(full) && isMajority(full + 1)) {
            sometimes.accept("a witness's vote decides an election");
        }
        return isMajority(votes)
                ? null
                : group + ": " + node + " leads term " + term + " with " + votes + " durable votes";
    }

    /**
     * Whoever leads holds what was committed before its term. Of one that wins late, when a later
     * term has had its leader already, it can't be said what that is.
     */
    private @Nullable String completeness(NodeId node, long term) {
        ReplicaRecord disk = disks.get(node);
        if (leaders.lastKey() > term) {
            return null;
        }
        for (long index = commands.last(); index > 0 && disk != null; index--) {
            Command command = commands.at(index);
            if (command != null && !disk.holds(command.position())) {
                return group
                        + ": "
                        + node
                        + " leads term "
                        + term
                        + " without "
                        + command
                        + ", which was applied";
            }
        }
        return null;
    }

    /** Whether so many of the first members are a majority, as far as that can be said. */
    private boolean isMajority(int count) {
        return !firstMembership || disks.isEmpty() || 2 * (count + wipedDisks) > disks.size();
    }

    /** Whether this leader has written what nobody is known to have applied. */
    boolean hasUncommitted(NodeId node) {
        ReplicaRecord disk = disks.get(node);
        return disk != null && disk.last() > commands.last();
    }

    // ---- disks ----

    @Nullable String recovered(NodeId node, RecoveredReplica found) {
        ReplicaRecord disk = disks.computeIfAbsent(node, n -> new ReplicaRecord());
        ReplicaId before = replicas.put(node, found.id());
        if (found.beganAnew() != null && before != null && !before.equals(found.id())) {
            sometimes.accept("replica began anew after damage");
            wiped(node);
        }
        if (found.lastIndex() < disk.last()) {
            sometimes.accept("unsynced entries lost in a crash");
        }
        String breach = disk.recovered(found);
        return breach == null ? null : group + ": " + node + " " + breach;
    }

    @Nullable String wrote(NodeId node, ReplicaWrite write) {
        ReplicaRecord disk = disks.computeIfAbsent(node, n -> new ReplicaRecord());
        String breach = write.truncateFrom() > 0 ? truncates(disk, write) : null;
        if (breach == null) {
            breach = disk.wrote(write);
        }
        for (Entry entry : write.entries()) {
            if (entry.kind() == EntryKind.CONFIGURATION) {
                firstMembership = false;
                configured(entry);
            }
            if (breach == null) {
                breach = entries.wrote(entry, disk.termAt(entry.index() - 1), disk.isWitness());
            }
            if (breach == null && disk.isWitness()) {
                breach = told(disk.hardState().term(), entry);
            }
        }
        return breach == null ? null : group + ": " + node + " " + breach;
    }

    /** Commits of that term need witnesses, says its leader. */
    void runsOnWitness(long term) {
        onWitness.add(term);
    }

    /**
     * A witness's log blocks who holds less, and nobody can get from it what it holds. So what it
     * is told must be on the disks of a majority of full replicas, or of so many, where the leader
     * says so, that the witnesses complete one.
     */
    private @Nullable String told(long term, Entry entry) {
        int full = 0;
        int witnesses = 0;
        for (ReplicaRecord disk : disks.values()) {
            witnesses += disk.isWitness() ? 1 : 0;
            full += !disk.isWitness() && disk.holdsDurably(entry.position()) ? 1 : 0;
        }
        if (entry.index() <= commands.last() || isMajority(full)) {
            return null;
        }
        sometimes.accept("a witness is told what no majority of full replicas holds");
        // The witness may have gone on to a later term before it wrote what it was told.
        Long said = onWitness.floor(term);
        boolean says = said != null && said >= entry.term();
        return says && isMajority(full + witnesses)
                ? null
                : "is told "
                        + entry.position()
                        + " with the payload on "
                        + full
                        + " disks, in a term that "
                        + (says ? "runs" : "doesn't run")
                        + " on the witness";
    }

    boolean isCovered(Collection<NodeId> witnesses, Collection<NodeId> full) {
        LogPosition most = LogPosition.ZERO;
        for (NodeId node : full) {
            ReplicaRecord disk = disks.get(node);
            if (disk != null && disk.lastDurable().compareTo(most) > 0) {
                most = disk.lastDurable();
            }
        }
        for (NodeId node : witnesses) {
            ReplicaRecord disk = disks.get(node);
            if (disk == null || disk.lastWritten().compareTo(most) > 0) {
                return false;
            }
        }
        return true;
    }

    private void configured(Entry entry) {
        boolean joint = MembershipFormat.decode(entry.payload()).isJoint();
        if (!joint && entry.term() > jointTerm && jointTerm > 0) {
            sometimes.accept("joint configuration left by a successor");
        }
        jointTerm = joint ? entry.term() : 0;
    }

    private @Nullable String truncates(ReplicaRecord disk, ReplicaWrite write) {
        long from = write.truncateFrom();
        sometimes.accept("conflicting suffix truncated");
        if (disk.last() - from >= LONG_SUFFIX) {
            sometimes.accept("long conflicting suffix truncated");
        }
        LogPosition base = write.base();
        long first = base == null ? from : Math.max(from, base.index() + 1); // before, a snapshot
        for (long index = first; index <= Math.min(disk.last(), commands.last()); index++) {
            Command command = commands.at(index);
            if (command != null && disk.holds(command.position())) {
                return "drops " + command + ", which was applied";
            }
        }
        return null;
    }

    void synced(NodeId node) {
        ReplicaRecord disk = disks.get(node);
        if (disk != null) {
            disk.synced();
        }
    }

    @Nullable String read(NodeId node, List<Entry> read) {
        sometimes.accept("entries read back from disk");
        for (Entry entry : read) {
            String breach = entries.read(entry);
            if (breach != null) {
                return group + ": " + node + " " + breach;
            }
        }
        return null;
    }

    void wiped(NodeId node) {
        ReplicaRecord disk = disks.get(node);
        if (disk != null) {
            disk.wiped();
            wipedDisks++;
        }
        termsLed.remove(node);
    }

    // ---- state machines ----

    @Nullable String applied(NodeId node, Command command) {
        long index = command.position().index();
        long before = applied.getOrDefault(node, 0L);
        if (index <= before) {
            return group + ": " + node + " applied " + index + " after " + before;
        }
        applied.put(node, index);
        Command known = commands.at(index);
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
        Command skipped = commands.firstBetween(before, index);
        if (skipped != null) {
            return group
                    + ": "
                    + node
                    + " went from "
                    + before
                    + " to "
                    + index
                    + " and skipped "
                    + skipped;
        }
        if (known != null) {
            return null;
        }
        String breach = orderOf(node, command);
        commands.put(command);
        return breach == null ? durability(command) : breach;
    }

    /** What is applied first anywhere is on the disks of a majority. */
    private @Nullable String durability(Command command) {
        int durable = 0;
        int full = 0;
        for (ReplicaRecord disk : disks.values()) {
            boolean holds = disk.holdsDurably(command.position());
            durable += holds ? 1 : 0;
            full += holds && !disk.isWitness() ? 1 : 0;
        }
        if (isMajority(durable) && !isMajority(full)) {
            sometimes.accept("a witness completes a quorum");
        }
        return isMajority(durable)
                ? null
                : group + ": " + command + " is applied and durable on " + durable + " disks only";
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
        Command previous = commands.lastBefore(index);
        if (previous != null
                && (previous.position().term() > command.position().term()
                        || previous.timestampMillis() > command.timestampMillis())) {
            return group + ": " + command + " goes back in term or time behind " + previous;
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
            if (applied.getOrDefault(node, 0L) != lastApplied()) {
                return false;
            }
        }
        return true;
    }

    List<Command> commands() {
        return commands.all();
    }

    @Nullable String lostOrDoubled(Collection<Payload> acknowledged) {
        Set<Payload> once = new HashSet<>();
        Set<Payload> twice = new HashSet<>();
        for (Command command : commands.all()) {
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
