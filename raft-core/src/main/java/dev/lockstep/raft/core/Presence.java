package dev.lockstep.raft.core;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import java.util.TreeSet;

/**
 * Whether this replica is a member of the configuration at its log's end. One that isn't tells
 * every node that it knows of who it is, again and again, so that whoever leads can be asked to add
 * it.
 */
final class Presence {
    private final RaftCore core;
    private long judged;
    private boolean member;
    private long nextNanos;

    Presence(RaftCore core) {
        this.core = core;
        this.nextNanos = core.now();
    }

    boolean isMember() {
        if (core.configurations.changes() != judged) {
            judged = core.configurations.changes();
            member = core.membership().contains(core.self);
        }
        return member;
    }

    /** When it is to be told again. */
    long deadlineNanos() {
        return isMember() ? RaftCore.NO_DEADLINE : nextNanos;
    }

    void hurry() {
        nextNanos = core.now();
    }

    void tell() {
        nextNanos = core.now() + core.options.electionTimeout().toNanos();
        TreeSet<NodeId> nodes = new TreeSet<>(core.founding.initialNodes());
        for (ReplicaId replica : core.membership().replicas()) {
            nodes.add(replica.node());
        }
        ReplicaId leader = core.leader();
        if (leader != null) {
            // One that lost its log is still sent the leader's heartbeats, and may know nobody who
            // has joined since the founding, that leader among them.
            nodes.add(leader.node());
        }
        nodes.remove(core.self.node());
        for (NodeId node : nodes) {
            core.outbox.sendDurably(FoundingRole.anyOn(node), core.founding.state(true));
        }
    }
}
