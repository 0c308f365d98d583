package dev.lockstep.raft.testkit.net;

import dev.lockstep.raft.model.NodeId;

/** One direction between two hosts. */
public record Link(NodeId from, NodeId to) {
    Link back() {
        return new Link(to, from);
    }

    @Override
    public String toString() {
        return from + "->" + to;
    }
}
