package dev.lockstep.raft.runtime;

import dev.lockstep.raft.core.RaftCore;
import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import org.jspecify.annotations.Nullable;

/** What other threads may see of a replica. Written in the host's loop. */
public final class GroupView {
    private volatile Part part = new Part(Role.FOUNDING, 0, null, null);
    private volatile @Nullable Configuration configuration;
    private volatile long lastIndex;
    private volatile long commitIndex;
    private volatile long appliedIndex;
    private volatile boolean runsOnWitness;
    private volatile @Nullable Fault diskFull;
    private volatile @Nullable Fault lastFault;
    private volatile long uncommittedBytes;
    private volatile long unappliedBytes;
    private volatile int pendingProposals;
    private volatile long snapshotIndex;

    /** Role, term, leader and fault of one moment. */
    public record Part(Role role, long term, @Nullable ReplicaId leader, @Nullable Fault fault) {}

    public Part part() {
        return part;
    }

    /** Null until the group is founded. */
    public @Nullable Configuration configuration() {
        return configuration;
    }

    public long lastIndex() {
        return lastIndex;
    }

    public long commitIndex() {
        return commitIndex;
    }

    public long appliedIndex() {
        return appliedIndex;
    }

    public boolean runsOnWitness() {
        return runsOnWitness;
    }

    public @Nullable Fault diskFull() {
        return diskFull;
    }

    /** The latest that was told of this replica, though it may be over. */
    public @Nullable Fault lastFault() {
        return lastFault;
    }

    public long uncommittedBytes() {
        return uncommittedBytes;
    }

    public long unappliedBytes() {
        return unappliedBytes;
    }

    public int pendingProposals() {
        return pendingProposals;
    }

    public long snapshotIndex() {
        return snapshotIndex;
    }

    void diskFull(@Nullable Fault now) {
        diskFull = now;
        lastFault = now == null ? lastFault : now;
    }

    void runsOnWitness(boolean now) {
        runsOnWitness = now;
    }

    /**
     * At the end of each batch of thousands of groups: what hasn't changed isn't written, since a
     * volatile write costs far more than a look.
     */
    void update(RaftCore core, int unfinished) {
        long last = core.last().index();
        if (lastIndex != last) {
            lastIndex = last;
        }
        long commit = core.commitIndex();
        if (commitIndex != commit) {
            commitIndex = commit;
        }
        if (core.self().isWitness()) {
            appliedIndex = core.appliedIndex(); // which has nothing to apply, and passes it by
        }
        updateBacklog(core, unfinished);
    }

    private void updateBacklog(RaftCore core, int unfinished) {
        long uncommitted = core.uncommittedBytes();
        if (uncommittedBytes != uncommitted) {
            uncommittedBytes = uncommitted;
        }
        long unapplied = core.unappliedBytes();
        if (unappliedBytes != unapplied) {
            unappliedBytes = unapplied;
        }
        if (pendingProposals != unfinished) {
            pendingProposals = unfinished;
        }
        long snapshot = core.snapshotIndex();
        if (snapshotIndex != snapshot) {
            snapshotIndex = snapshot;
        }
    }

    void applied(long index) {
        appliedIndex = index;
    }

    void roleChanged(Role role, long term, @Nullable ReplicaId leader) {
        part = new Part(role, term, leader, part.fault());
    }

    void configurationChanged(Configuration next) {
        configuration = next;
    }

    void warned(@Nullable Fault fault) {
        lastFault = fault == null ? lastFault : fault;
        part = new Part(part.role(), part.term(), part.leader(), fault);
    }

    void halted(Fault fault, long term) {
        lastFault = fault;
        part = new Part(Role.HALTED, term, null, fault);
    }
}
