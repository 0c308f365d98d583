package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.RaftListener;
import org.jspecify.annotations.Nullable;

/** Checks what one life of a host says of its roles. */
final class RoleWatch implements RaftListener {
    private final SafetyChecker checker;
    private final NodeId node;

    RoleWatch(SafetyChecker checker, NodeId node) {
        this.checker = checker;
        this.node = node;
    }

    @Override
    public void roleChanged(GroupId group, Role role, long term, @Nullable NodeId leader) {
        if (role == Role.HALTED) {
            return;
        }
        GroupRecord record = checker.group(group);
        String breach = record.termSeen(node, term);
        if (breach == null && role == Role.LEADER) {
            checker.elected();
            breach = record.leads(node, term);
        }
        if (breach == null && leader != null) {
            breach = record.names(node, leader, term);
        }
        if (breach != null) {
            checker.breach(breach);
        }
    }
}
