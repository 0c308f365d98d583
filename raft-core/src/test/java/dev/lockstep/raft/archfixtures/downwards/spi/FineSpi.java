package dev.lockstep.raft.archfixtures.downwards.spi;

import dev.lockstep.raft.archfixtures.downwards.model.FineModel;

public final class FineSpi {
    public FineModel reachesDown = new FineModel();
}
