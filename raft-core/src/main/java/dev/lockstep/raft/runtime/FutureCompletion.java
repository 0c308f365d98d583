package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Ends a future of this host, never in the host's loop, since the user's callbacks may take their
 * time; and a failed one never in the apply loop, since a state machine may be stuck there.
 */
final class FutureCompletion implements Completion {
    private final ClientFuture<?> future;
    private final Executor endLoop;
    private final @Nullable Executor callbacks;

    /**
     * @param endLoop where failed futures are completed unless {@code callbacks} is given
     */
    FutureCompletion(ClientFuture<?> future, Executor endLoop, @Nullable Executor callbacks) {
        this.future = future;
        this.endLoop = endLoop;
        this.callbacks = callbacks;
    }

    @Override
    public void done(long index, Payload result) {
        if (callbacks == null) {
            future.complete(
                    index, result); // the caller is in the apply loop, or the end loop, already
        } else {
            Callbacks.execute(callbacks, endLoop, () -> future.complete(index, result));
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
        Runnable telling = () -> future.fail(why);
        if (callbacks == null) {
            endLoop.execute(telling);
        } else {
            Callbacks.execute(callbacks, endLoop, telling);
        }
    }
}
