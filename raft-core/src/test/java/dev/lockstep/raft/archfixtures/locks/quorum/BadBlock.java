package dev.lockstep.raft.archfixtures.locks.quorum;

final class BadBlock {
    int count;

    void lock() {
        synchronized (this) {
            count++;
        }
    }
}
