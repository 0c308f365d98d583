package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Handovers of leadership that somebody waits for. Used in the host's loop only. */
final class Transfers {
    private final Executor applyLoop;
    private final Map<Long, CompletableFuture<NodeId>> waiting = new TreeMap<>();
    private long lastId;

    /**
     * @param applyLoop where futures complete
     */
    Transfers(Executor applyLoop) {
        this.applyLoop = applyLoop;
    }

    long add(CompletableFuture<NodeId> future) {
        lastId++;
        waiting.put(lastId, future);
        return lastId;
    }

    void aborted(long id, String reason) {
        CompletableFuture<NodeId> future = waiting.remove(id);
        if (future != null) {
            NotDone why = new NotDone(NotDone.Reason.REFUSED, "leadership was not handed over: " + reason);
            applyLoop.execute(() -> future.completeExceptionally(why));
        }
    }

    /** Somebody else leads now. */
    void succeeded(NodeId leader) {
        waiting.values().forEach(future -> applyLoop.execute(() -> future.complete(leader)));
        waiting.clear();
    }

    void endAll(NotDone why) {
        waiting.values().forEach(future -> applyLoop.execute(() -> future.completeExceptionally(why)));
        waiting.clear();
    }
}
