package dev.lockstep.raft.archfixtures.locks.runtime;

final class FineMethod {
    synchronized void lock() {}
}
