package dev.lockstep.raft.archfixtures.clocks.runtime;

final class FineNanos {
    long now() {
        return System.nanoTime();
    }
}
