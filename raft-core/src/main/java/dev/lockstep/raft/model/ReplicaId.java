package dev.lockstep.raft.model;

import java.util.UUID;

/**
 * One group's member on one host. The incarnation is drawn when the replica's files are first made,
 * so a host whose directory was wiped comes back as another replica, which holds none of the votes
 * and entries that the first one promised to keep.
 *
 * @param node the host
 * @param incarnation drawn once per group and directory
 */
public record ReplicaId(NodeId node, UUID incarnation) implements Comparable<ReplicaId> {
    @Override
    public int compareTo(ReplicaId other) {
        int byNode = node.compareTo(other.node);
        return byNode != 0 ? byNode : incarnation.compareTo(other.incarnation);
    }

    @Override
    public String toString() {
        return node + "/" + incarnation.toString().substring(0, 8);
    }
}
