package dev.lockstep.raft.archfixtures.clocks.core;

final class BadNanos {
    long now() {
        return System.nanoTime();
    }
}
