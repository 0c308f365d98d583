package dev.lockstep.raft.archfixtures.downwards.spi;

import dev.lockstep.raft.archfixtures.downwards.core.FineCore;

final class BadSpi {
    FineCore reachesAcross = new FineCore();
}
