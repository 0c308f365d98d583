package dev.lockstep.raft.archfixtures.io.core;

final class BadEnvironment {
    String home() {
        return System.getenv("HOME");
    }
}
