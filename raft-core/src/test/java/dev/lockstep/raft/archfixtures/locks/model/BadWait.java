package dev.lockstep.raft.archfixtures.locks.model;

final class BadWait {
    void await() throws InterruptedException {
        wait();
    }
}
