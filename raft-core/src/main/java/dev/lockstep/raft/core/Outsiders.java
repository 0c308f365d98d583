package dev.lockstep.raft.core;

import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Replicas that hold the group's founding and said so: who asks to be a member names a node, and
 * here stands which incarnation lives there. Members that were heard are among them; the
 * configuration says who is one.
 */
final class Outsiders {
    private final TreeMap<NodeId, ReplicaId> heard = new TreeMap<>();

    void heard(ReplicaId replica) {
        heard.put(replica.node(), replica);
    }

    /** Who lives on the node and isn't a member; null when nobody was heard from there. */
    @Nullable ReplicaId on(NodeId node, Membership membership) {
        ReplicaId replica = heard.get(node);
        return replica == null || membership.contains(replica) ? null : replica;
    }
}
