package dev.lockstep.raft.archfixtures.cycles.core;

import dev.lockstep.raft.archfixtures.cycles.spi.BadSpi;

public final class BadCore {
    public BadSpi there;
}
