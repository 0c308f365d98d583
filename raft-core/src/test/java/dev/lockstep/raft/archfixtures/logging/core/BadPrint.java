package dev.lockstep.raft.archfixtures.logging.core;

final class BadPrint {
    void print() {
        System.out.println();
    }
}
