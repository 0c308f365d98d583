package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Ends a future of this host, never in the host's loop, since the user's callbacks may take their
 * time.
 */
final class FutureCompletion implements Completion {
    private final CompletableFuture<Payload> future;
    private final Executor applyLoop;
    private final @Nullable Executor callbacks;

    /**
     * @param applyLoop where futures are completed unless {@code callbacks} is given
     */
    FutureCompletion(
            CompletableFuture<Payload> future, Executor applyLoop, @Nullable Executor callbacks) {
        this.future = future;
        this.applyLoop = applyLoop;
        this.callbacks = callbacks;
    }

    @Override
    public void done(Payload result) {
        if (callbacks == null) {
            future.complete(result); // the caller is in the apply loop already
        } else {
            Callbacks.execute(callbacks, applyLoop, () -> future.complete(result));
        }
    }

    @Override
    public void notDone(NotDone why) {
        fail(why);
    }

    @Override
    public void unknown(OutcomeUnknown why) {
        fail(why);
    }

    private void fail(RuntimeException why) {
        Runnable telling = () -> future.completeExceptionally(why);
        if (callbacks == null) {
            applyLoop.execute(telling);
        } else {
            Callbacks.execute(callbacks, applyLoop, telling);
        }
    }
}
