package dev.lockstep.raft.node;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SessionId;
import dev.lockstep.raft.runtime.SessionHandle;
import java.util.concurrent.CompletableFuture;

/** A session that was opened by this host. */
record OpenSession(SessionHandle handle) implements RaftSession {
    @Override
    public SessionId id() {
        return handle.id();
    }

    @Override
    public CompletableFuture<Payload> propose(Payload command) {
        return handle.propose(command);
    }

    @Override
    public void close() {
        CompletableFuture<Void> unusedClosed = handle.close();
    }
}
