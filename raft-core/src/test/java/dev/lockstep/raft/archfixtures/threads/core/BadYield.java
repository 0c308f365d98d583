package dev.lockstep.raft.archfixtures.threads.core;

final class BadYield {
    void spin() {
        Thread.onSpinWait();
    }
}
