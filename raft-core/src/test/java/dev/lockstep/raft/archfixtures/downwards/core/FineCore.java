package dev.lockstep.raft.archfixtures.downwards.core;

import dev.lockstep.raft.archfixtures.downwards.model.FineModel;

public final class FineCore {
    public FineModel reachesDown = new FineModel();
}
