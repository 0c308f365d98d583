package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.RaftMetrics;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Counts what a host's listeners hear of. */
record MetricsListener(NodeId self, RaftMetrics metrics) implements RaftListener {
    /** It names a leader once in each term, but for one who resigned and was elected again. */
    @Override
    public void roleChanged(GroupId group, Role role, long term, @Nullable NodeId leader) {
        if (role == Role.CANDIDATE) {
            metrics.electionBegun(group);
        } else if (leader != null) {
            metrics.leadershipChanged(group, leader.equals(self));
        }
    }

    @Override
    public void halted(GroupId group, Fault fault) {
        metrics.faulted(fault.code());
    }

    @Override
    public void warned(GroupId group, @Nullable Fault fault) {
        if (fault != null) {
            metrics.faulted(fault.code());
        }
    }

    @Override
    public void diskFull(@Nullable Fault fault) {
        if (fault != null) {
            metrics.faulted(fault.code());
        }
    }

    @Override
    public void peerRefused(@Nullable NodeId peer, Fault fault) {
        metrics.peerRefused(fault.code());
    }

    @Override
    public void snapshotTaken(GroupId group, LogPosition at) {
        metrics.snapshotTaken(group);
    }

    @Override
    public void snapshotFailed(GroupId group, LogPosition at, Throwable why) {
        metrics.snapshotFailed(group);
    }

    @Override
    public void snapshotInstalled(GroupId group, LogPosition at) {
        metrics.snapshotInstalled(group);
    }

    @Override
    public void loopStalled(String loop, Duration since, String stack) {
        metrics.loopStalled(loop);
    }
}
