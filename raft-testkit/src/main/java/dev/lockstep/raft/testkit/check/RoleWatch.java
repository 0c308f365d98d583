package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.RaftListener;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks what one life of a host says of its roles. */
final class RoleWatch implements RaftListener {
    private final SafetyChecker checker;
    private final NodeId node;
    private final Map<GroupId, Seen> seen = new HashMap<>();

    RoleWatch(SafetyChecker checker, NodeId node) {
        this.checker = checker;
        this.node = node;
    }

    @Override
    public void roleChanged(GroupId group, Role role, long term, @Nullable NodeId leader) {
        if (role == Role.HALTED) {
            return;
        }
        sometimes(group, role, term);
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

    @Override
    public void configurationChanged(GroupId group, Configuration now) {
        checker.group(group).configurationChanged(now);
    }

    @Override
    public void runsOnWitness(GroupId group, boolean now) {
        if (now) {
            checker.hit("running on the witness");
            Seen leading = seen.get(group);
            if (leading != null && leading.role == Role.LEADER) {
                checker.group(group).runsOnWitness(leading.term);
            }
        } else {
            checker.hit("not running on the witness any more");
        }
    }

    @Override
    public void snapshotTaken(GroupId group, LogPosition at) {
        checker.hit("snapshot taken");
    }

    @Override
    public void snapshotInstalled(GroupId group, LogPosition at) {
        checker.hit("snapshot installed");
    }

    private void sometimes(GroupId group, Role role, long term) {
        Seen before = seen.put(group, new Seen(role, term));
        if (before == null) {
            return;
        }
        if (role == Role.LEADER) {
            checker.hit("leader elected");
        } else if (before.role == Role.LEADER) {
            boolean uncommitted = checker.group(group).hasUncommitted(node);
            checker.hit(uncommitted ? "leader deposed with uncommitted entries" : "leader deposed");
        } else if (before.role == Role.CANDIDATE) {
            checker.hit(
                    role == Role.FOLLOWER && term == before.term
                            ? "election lost to another candidate"
                            : "election without a winner");
        } else if (before.role == Role.PRE_CANDIDATE && role == Role.FOLLOWER) {
            checker.hit("pre-candidate gave up");
        }
    }

    private record Seen(Role role, long term) {}
}
