package dev.lockstep.raft.archfixtures.dependencies.runtime;

import ch.qos.logback.classic.Level;

final class BadLibrary {
    static final Level LEVEL = Level.INFO;
}
