package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.RaftListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what becomes of a replica: to the log, the status and the listener. In the host's loop. */
final class Announcer {
    private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);

    private final GroupId group;
    private final ReplicaId self;
    private final GroupView view;
    private final RaftListener listener;

    Announcer(GroupId group, ReplicaId self, GroupView view, RaftListener listener) {
        this.group = group;
        this.self = self;
        this.view = view;
        this.listener = listener;
    }

    void roleChanged(Role role, long term, @Nullable ReplicaId leader) {
        LOG.info("{} on {}: {} in term {}, leader {}", group, self, role, term, leader);
        view.roleChanged(role, term, leader);
        listener.roleChanged(group, role, term, leader == null ? null : leader.node());
    }

    void configurationChanged(Configuration configuration) {
        LOG.info("{} on {}: {}", group, self, configuration);
        view.configurationChanged(configuration);
        listener.configurationChanged(group, configuration);
    }

    void warned(@Nullable Fault fault) {
        if (fault != null) {
            LOG.warn("{} on {} goes on as an outsider: {}", group, self, fault);
        }
        view.warned(fault);
        listener.warned(group, fault);
    }

    void statesDiffer(long index, String evidence) {
        LOG.error("{}: replicas differ at index {}: {}", group, index, evidence);
        listener.statesDiffer(group, index, evidence);
    }

    /** Called after each drain. */
    void sleeps(boolean now) {
        listener.sleeps(group, now);
    }

    void runsOnWitness(boolean now) {
        if (now != view.runsOnWitness()) {
            if (now) {
                LOG.warn("{} runs on the witness: too few full replicas keep up", group);
            } else {
                LOG.info("{} on {} doesn't run on the witness any more", group, self);
            }
            view.runsOnWitness(now);
            listener.runsOnWitness(group, now);
        }
    }

    void halted(Fault fault, long term) {
        LOG.error("{} on {} has stopped: {}", group, self, fault);
        view.halted(fault, term);
        listener.halted(group, fault);
    }
}
