package dev.lockstep.raft.archfixtures.cycles.spi;

import dev.lockstep.raft.archfixtures.cycles.core.BadCore;

public final class BadSpi {
    public BadCore back;
}
