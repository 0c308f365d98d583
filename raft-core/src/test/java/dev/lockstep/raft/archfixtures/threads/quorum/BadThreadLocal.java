package dev.lockstep.raft.archfixtures.threads.quorum;

final class BadThreadLocal {
    static final ThreadLocal<String> LOCAL = new ThreadLocal<>();
}
