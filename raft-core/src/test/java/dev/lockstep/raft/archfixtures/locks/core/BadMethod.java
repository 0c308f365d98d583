package dev.lockstep.raft.archfixtures.locks.core;

final class BadMethod {
    synchronized void lock() {}
}
