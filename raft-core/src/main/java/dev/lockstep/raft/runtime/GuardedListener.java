package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.RaftListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what the user's listener throws out of the host's loop. */
record GuardedListener(RaftListener listener) implements RaftListener {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedListener.class);

    @Override
    public void roleChanged(GroupId group, Role role, long term, @Nullable NodeId leader) {
        guarded(() -> listener.roleChanged(group, role, term, leader));
    }

    @Override
    public void halted(GroupId group, Fault fault) {
        guarded(() -> listener.halted(group, fault));
    }

    @Override
    public void snapshotTaken(GroupId group, LogPosition at) {
        guarded(() -> listener.snapshotTaken(group, at));
    }

    @Override
    public void snapshotFailed(GroupId group, LogPosition at, Throwable why) {
        guarded(() -> listener.snapshotFailed(group, at, why));
    }

    @Override
    public void snapshotInstalled(GroupId group, LogPosition at) {
        guarded(() -> listener.snapshotInstalled(group, at));
    }

    @Override
    public void configurationChanged(GroupId group, Configuration configuration) {
        guarded(() -> listener.configurationChanged(group, configuration));
    }

    @Override
    public void warned(GroupId group, @Nullable Fault fault) {
        guarded(() -> listener.warned(group, fault));
    }

    @Override
    public void statesDiffer(GroupId group, long index, String evidence) {
        guarded(() -> listener.statesDiffer(group, index, evidence));
    }

    @Override
    public void runsOnWitness(GroupId group, boolean now) {
        guarded(() -> listener.runsOnWitness(group, now));
    }

    @Override
    public void sleeps(GroupId group, boolean now) {
        guarded(() -> listener.sleeps(group, now));
    }

    @Override
    public void hostSuspected(NodeId host, int sleepers) {
        guarded(() -> listener.hostSuspected(host, sleepers));
    }

    @Override
    public void diskFull(@Nullable Fault fault) {
        guarded(() -> listener.diskFull(fault));
    }

    @Override
    public void peerRefused(@Nullable NodeId peer, Fault fault) {
        guarded(() -> listener.peerRefused(peer, fault));
    }

    private static void guarded(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A listener of this host threw; it is called again at the next change", e);
        }
    }
}
