package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the replicas of a group have written and synced, those that are gone as they were at last.
 * Empty when nobody watches the disks. Each question answers with a breach, or null if there is
 * none.
 */
final class Disks {
    private static final int LONG_SUFFIX = 5;

    private final Consumer<String> sometimes;
    private final AppliedCommands commands;
    private final KnownEntries entries = new KnownEntries();
    private final Memberships memberships = new Memberships();
    private final Map<ReplicaId, ReplicaRecord> records = new TreeMap<>();

    /** Who lives on each machine's disk. */
    private final Map<NodeId, ReplicaId> present = new TreeMap<>();

    /** The term of the newest configuration that any disk was given, if that is joint; else 0. */
    private long jointTerm;

    Disks(AppliedCommands commands, Consumer<String> sometimes) {
        this.commands = commands;
        this.sometimes = sometimes;
    }

    Memberships memberships() {
        return memberships;
    }

    /** Who lives on the machine; null when its disk isn't watched, or is empty. */
    @Nullable ReplicaId replicaOn(NodeId node) {
        return present.get(node);
    }

    @Nullable ReplicaRecord on(NodeId node) {
        ReplicaId replica = present.get(node);
        return replica == null ? null : records.get(replica);
    }

    /** Of any incarnation; null when it was never seen. */
    @Nullable ReplicaRecord of(ReplicaId replica) {
        return records.get(replica);
    }

    /** Whether so many replicas' disks satisfy the predicate. */
    int count(Predicate<ReplicaRecord> what) {
        return (int) records.values().stream().filter(what).count();
    }

    /** Whether a quorum of one of the memberships satisfies the predicate, or none is known. */
    boolean isQuorum(List<Membership> ofOne, Predicate<ReplicaRecord> what) {
        if (memberships.areUnknown()) {
            return true;
        }
        for (Membership membership : ofOne) {
            if (Memberships.isQuorum(membership, voter -> is(voter, what))) {
                return true;
            }
        }
        return false;
    }

    private boolean is(ReplicaId voter, Predicate<ReplicaRecord> what) {
        ReplicaRecord record = records.get(voter);
        return record != null && what.test(record);
    }

    // ---- what is written and found ----

    @Nullable String recovered(NodeId node, RecoveredReplica found) {
        ReplicaId before = present.put(node, found.id());
        ReplicaRecord known = before == null ? null : records.get(before);
        boolean other = before != null && !before.equals(found.id());
        if (other && found.beganAnew() != null) {
            sometimes.accept("replica began anew after damage");
        } else if (other && known != null && known.hasSynced()) {
            return "had synced " + known.lastDurable() + " as " + before + " and finds " + found;
        }
        if (found.founding() != null) {
            memberships.founded(found.founding().initial());
        }
        ReplicaRecord disk = records.computeIfAbsent(found.id(), ReplicaRecord::new);
        if (known == disk && found.lastIndex() < disk.last()) {
            sometimes.accept("unsynced entries lost in a crash");
        }
        return disk.recovered(found);
    }

    @Nullable String wrote(NodeId node, ReplicaWrite write) {
        ReplicaRecord disk = on(node);
        if (disk == null) {
            return "writes to a replica that wasn't opened: " + write;
        }
        if (write.founding() != null) {
            memberships.founded(write.founding().initial());
        }
        String breach = write.truncateFrom() > 0 ? truncates(disk, write) : null;
        if (breach == null) {
            breach = disk.wrote(write);
        }
        for (Entry copy : write.copies()) {
            breach = breach == null ? entries.read(copy) : breach;
        }
        for (Entry entry : write.entries()) {
            if (entry.kind() == EntryKind.CONFIGURATION) {
                configured(entry);
            }
            if (breach == null) {
                breach = entries.wrote(entry, disk.termAt(entry.index() - 1), disk.isWitness());
            }
        }
        return breach;
    }

    private void configured(Entry entry) {
        Membership membership = MembershipFormat.decode(entry.payload());
        memberships.wrote(entry.position(), membership);
        boolean joint = membership.isJoint();
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
        long snapshot = write.base() == null ? 0 : write.base().index();
        return commands.dropping(disk, Math.max(from, snapshot + 1));
    }

    void synced(NodeId node) {
        ReplicaRecord disk = on(node);
        if (disk != null) {
            disk.synced();
        }
    }

    @Nullable String read(List<Entry> read) {
        sometimes.accept("entries read back from disk");
        for (Entry entry : read) {
            String breach = entries.read(entry);
            if (breach != null) {
                return breach;
            }
        }
        return null;
    }

    /** The disk was replaced by an empty one; what it held once still counts where it counted. */
    void wiped(NodeId node) {
        present.remove(node);
    }
}
