package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.RaftListener;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells several listeners, and keeps what the user's throws out of the host's loop. */
record GuardedListener(List<RaftListener> listeners) implements RaftListener {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedListener.class);

    @Override
    public void roleChanged(GroupId group, Role role, long term, @Nullable NodeId leader) {
        guarded(listener -> listener.roleChanged(group, role, term, leader));
    }

    @Override
    public void halted(GroupId group, Fault fault) {
        guarded(listener -> listener.halted(group, fault));
    }

    @Override
    public void snapshotTaken(GroupId group, LogPosition at) {
        guarded(listener -> listener.snapshotTaken(group, at));
    }

    @Override
    public void snapshotFailed(GroupId group, LogPosition at, Throwable why) {
        guarded(listener -> listener.snapshotFailed(group, at, why));
    }

    @Override
    public void snapshotInstalled(GroupId group, LogPosition at) {
        guarded(listener -> listener.snapshotInstalled(group, at));
    }

    @Override
    public void configurationChanged(GroupId group, Configuration configuration) {
        guarded(listener -> listener.configurationChanged(group, configuration));
    }

    @Override
    public void warned(GroupId group, @Nullable Fault fault) {
        guarded(listener -> listener.warned(group, fault));
    }

    @Override
    public void statesDiffer(GroupId group, long index, String evidence) {
        guarded(listener -> listener.statesDiffer(group, index, evidence));
    }

    @Override
    public void runsOnWitness(GroupId group, boolean now) {
        guarded(listener -> listener.runsOnWitness(group, now));
    }

    @Override
    public void sleeps(GroupId group, boolean now) {
        guarded(listener -> listener.sleeps(group, now));
    }

    @Override
    public void hostSuspected(NodeId host, int sleepers) {
        guarded(listener -> listener.hostSuspected(host, sleepers));
    }

    @Override
    public void diskFull(@Nullable Fault fault) {
        guarded(listener -> listener.diskFull(fault));
    }

    @Override
    public void peerRefused(@Nullable NodeId peer, Fault fault) {
        guarded(listener -> listener.peerRefused(peer, fault));
    }

    @Override
    public void loopStalled(String loop, Duration since, String stack) {
        guarded(listener -> listener.loopStalled(loop, since, stack));
    }

    private void guarded(Consumer<RaftListener> call) {
        for (RaftListener listener : listeners) {
            try {
                call.accept(listener);
            } catch (RuntimeException | Error e) {
                LOG.error(
                        "A listener of this host threw; it is called again at the next change", e);
            }
        }
    }
}
