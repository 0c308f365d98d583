package dev.lockstep.raft.archfixtures.clocks.core;

import java.util.function.LongSupplier;

final class BadReference {
    LongSupplier clock = System::nanoTime;
}
