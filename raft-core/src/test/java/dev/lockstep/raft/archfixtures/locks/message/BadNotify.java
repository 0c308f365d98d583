package dev.lockstep.raft.archfixtures.locks.message;

final class BadNotify {
    void wake() {
        notifyAll();
    }
}
