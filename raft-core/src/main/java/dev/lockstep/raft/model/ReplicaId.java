package dev.lockstep.raft.model;

import java.util.UUID;

/**
 * One group's member on one host. The incarnation is drawn when the replica's files are first made,
 * so a host whose directory was wiped comes back as another replica, which holds none of the votes
 * and entries that the first one promised to keep.
 *
 * <p>What kind of replica it is stands in the incarnation, so that it can't change, and nobody can
 * take one kind for the other, whatever a founding, a configuration or an operator says: that of a
 * witness is a UUID of version 8, which is free for such meanings (RFC 9562), that of a full
 * replica is of any other.
 *
 * @param node the host
 * @param incarnation drawn once per group and directory
 */
public record ReplicaId(NodeId node, UUID incarnation) implements Comparable<ReplicaId> {
    /** The version of the UUIDs that are incarnations of witnesses. */
    public static final int WITNESS_VERSION = 8;

    /** Whether it votes and keeps the positions of the log, but no commands and no state. */
    public boolean isWitness() {
        return incarnation.version() == WITNESS_VERSION;
    }

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
