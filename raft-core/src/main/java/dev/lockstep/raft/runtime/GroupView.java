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

    void diskFull(@Nullable Fault now) {
        diskFull = now;
    }

    void runsOnWitness(boolean now) {
        runsOnWitness = now;
    }

    void update(RaftCore core) {
        lastIndex = core.last().index();
        commitIndex = core.commitIndex();
        if (core.self().isWitness()) {
            appliedIndex = core.appliedIndex(); // which has nothing to apply, and passes it by
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
        part = new Part(part.role(), part.term(), part.leader(), fault);
    }

    void halted(Fault fault, long term) {
        part = new Part(Role.HALTED, term, null, fault);
    }
}
