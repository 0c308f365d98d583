package dev.lockstep.raft.archfixtures.hashorder.core;

final class BadIdentity {
    int order(Object any) {
        return System.identityHashCode(any);
    }
}
