package dev.lockstep.raft.archfixtures.downwards.node;

import dev.lockstep.raft.archfixtures.downwards.core.FineCore;

public final class FineNode {
    public FineCore reachesDown = new FineCore();
}
