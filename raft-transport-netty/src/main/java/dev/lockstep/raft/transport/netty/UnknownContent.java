package dev.lockstep.raft.transport.netty;

import java.io.IOException;

/**
 * A frame is well formed and holds what only a later version knows, so it is dropped as a whole.
 */
final class UnknownContent extends IOException {
    private static final long serialVersionUID = 1;

    UnknownContent(String what) {
        super(what);
    }

    /** A peer may cause it with every frame, and it tells nothing about our own code. */
    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
