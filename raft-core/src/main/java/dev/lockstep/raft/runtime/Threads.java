package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.Workers;

/** The production workers: one thread for each loop, named after its host and its work. */
public final class Threads implements Workers {
    private final NodeId node;

    public Threads(NodeId node) {
        this.node = node;
    }

    @Override
    public EventLoop loop(String name) {
        return new ThreadLoop("lockstep-" + name + "-" + node);
    }
}
