package dev.lockstep.raft.archfixtures.logging.core;

final class BadSystemLogger {
    static final System.Logger LOG = System.getLogger("core");
}
