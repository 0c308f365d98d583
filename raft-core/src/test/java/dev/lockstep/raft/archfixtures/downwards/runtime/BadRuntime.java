package dev.lockstep.raft.archfixtures.downwards.runtime;

import dev.lockstep.raft.archfixtures.downwards.node.FineNode;

final class BadRuntime {
    FineNode reachesUp = new FineNode();
}
