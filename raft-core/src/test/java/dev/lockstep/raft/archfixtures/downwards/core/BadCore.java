package dev.lockstep.raft.archfixtures.downwards.core;

import dev.lockstep.raft.archfixtures.downwards.spi.FineSpi;

final class BadCore {
    FineSpi reachesAcross = new FineSpi();
}
