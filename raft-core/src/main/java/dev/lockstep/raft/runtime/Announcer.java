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
import org.slf4j.MDC;

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
        tagged(
                term,
                () ->
                        LOG.info(
                                "{} on {}: {} in term {}, leader {}",
                                group,
                                self,
                                role,
                                term,
                                leader));
        view.roleChanged(role, term, leader);
        listener.roleChanged(group, role, term, leader == null ? null : leader.node());
    }

    void configurationChanged(Configuration configuration) {
        tagged(() -> LOG.info("{} on {}: {}", group, self, configuration));
        view.configurationChanged(configuration);
        listener.configurationChanged(group, configuration);
    }

    void warned(@Nullable Fault fault) {
        if (fault != null) {
            tagged(() -> LOG.warn("{} on {} goes on as an outsider: {}", group, self, fault));
        }
        view.warned(fault);
        listener.warned(group, fault);
    }

    void statesDiffer(long index, String evidence) {
        tagged(() -> LOG.error("{}: replicas differ at index {}: {}", group, index, evidence));
        listener.statesDiffer(group, index, evidence);
    }

    /** Called after each drain. */
    void sleeps(boolean now) {
        listener.sleeps(group, now);
    }

    void runsOnWitness(boolean now) {
        if (now != view.runsOnWitness()) {
            if (now) {
                tagged(
                        () ->
                                LOG.warn(
                                        "{} runs on the witness: too few full replicas keep up",
                                        group));
            } else {
                tagged(() -> LOG.info("{} on {} doesn't run on the witness any more", group, self));
            }
            view.runsOnWitness(now);
            listener.runsOnWitness(group, now);
        }
    }

    void halted(Fault fault, long term) {
        tagged(term, () -> LOG.error("{} on {} has stopped: {}", group, self, fault));
        view.halted(fault, term);
        listener.halted(group, fault);
    }

    private void tagged(Runnable log) {
        tagged(view.part().term(), log);
    }

    /** Says it with node, group and term in the log's context. These are rare, so it may cost. */
    private void tagged(long term, Runnable log) {
        MDC.put("raft.node", self.node().value());
        MDC.put("raft.group", group.name());
        MDC.put("raft.term", Long.toString(term));
        try {
            log.run();
        } finally {
            MDC.remove("raft.node");
            MDC.remove("raft.group");
            MDC.remove("raft.term");
        }
    }
}
