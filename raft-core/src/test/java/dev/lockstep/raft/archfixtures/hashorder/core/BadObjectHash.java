package dev.lockstep.raft.archfixtures.hashorder.core;

final class BadObjectHash {
    int order() {
        return new Object().hashCode();
    }
}
