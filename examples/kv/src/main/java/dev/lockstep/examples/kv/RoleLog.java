package dev.lockstep.examples.kv;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.RaftListener;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line per change that an operator wants to see. */
final class RoleLog implements RaftListener {
    private static final Logger log = LoggerFactory.getLogger(RoleLog.class);

    private final NodeId self;

    RoleLog(NodeId self) {
        this.self = self;
    }

    @Override
    public void roleChanged(GroupId group, Role role, long term, @Nullable NodeId leader) {
        String part = role.name().toLowerCase(Locale.ROOT).replace('_', '-');
        if (leader == null || role == Role.LEADER) {
            log.info("{} is {} in term {}", self, part, term);
        } else {
            log.info("{} is {} in term {}, led by {}", self, part, term, leader);
        }
    }

    @Override
    public void halted(GroupId group, Fault fault) {
        log.error("{} has stopped: {}", self, fault);
    }

    @Override
    public void peerRefused(@Nullable NodeId peer, Fault fault) {
        log.warn(
                "{}: connection with {} refused: {}",
                self,
                peer == null ? "somebody unknown" : peer,
                fault);
    }
}
