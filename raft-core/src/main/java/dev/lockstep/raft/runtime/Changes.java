package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.RaftException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Changes of the membership that somebody waits for. Used in the host's loop only. */
final class Changes {
    private final Executor callbacks;
    private final Map<Long, CompletableFuture<Configuration>> waiting = new TreeMap<>();
    private long lastId;

    /**
     * @param callbacks where the futures complete
     */
    Changes(Executor callbacks) {
        this.callbacks = callbacks;
    }

    long add(CompletableFuture<Configuration> future) {
        lastId++;
        waiting.put(lastId, future);
        return lastId;
    }

    void done(long id, Configuration configuration) {
        CompletableFuture<Configuration> future = waiting.remove(id);
        if (future != null) {
            callbacks.execute(() -> future.complete(configuration));
        }
    }

    void refused(long id, String reason) {
        fail(id, new NotDone(NotDone.Reason.REFUSED, "the membership was not changed: " + reason));
    }

    /** What was begun may go on without this replica. */
    void unknown(long id, String why) {
        fail(
                id,
                new OutcomeUnknown(
                        why
                                + " before the change of the membership was committed; it may be made yet, or be"
                                + " taken back. The members of the next leader tell"));
    }

    void allUnknown(String why) {
        List<Long> ids = new ArrayList<>(waiting.keySet());
        ids.forEach(id -> unknown(id, why));
    }

    private void fail(long id, RaftException why) {
        CompletableFuture<Configuration> future = waiting.remove(id);
        if (future != null) {
            callbacks.execute(() -> future.completeExceptionally(why));
        }
    }
}
