package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Ends a future of this host, never in the host's loop, since the user's callbacks may take their
 * time; and a failed one never in the apply loop, since a state machine may be stuck there.
 */
final class FutureCompletion implements Completion {
    private final ClientFuture<?> future;
    private final Executor endLoop;
    private final @Nullable Executor callbacks;
    private final @Nullable ProposalMeter meter;

    /**
     * @param meter null where nothing is measured
     * @param endLoop where failed futures are completed unless {@code callbacks} is given
     */
    FutureCompletion(
            ClientFuture<?> future,
            Executor endLoop,
            @Nullable Executor callbacks,
            @Nullable ProposalMeter meter) {
        this.future = future;
        this.endLoop = endLoop;
        this.callbacks = callbacks;
        this.meter = meter;
    }

    @Override
    public void done(long index, Payload result) {
        long answeredNanos = meter == null ? 0 : meter.now();
        if (callbacks == null) { // the caller is in the apply loop, or the end loop, already
            complete(index, result, answeredNanos);
        } else {
            Callbacks.execute(callbacks, endLoop, () -> complete(index, result, answeredNanos));
        }
    }

    private void complete(long index, Payload result, long answeredNanos) {
        if (future.complete(index, result) && meter != null) {
            meter.completed(answeredNanos);
        }
    }

    @Override
    public void notDone(NotDone why) {
        fail(why, counting -> counting.refused(why.reason()));
    }

    @Override
    public void unknown(OutcomeUnknown why) {
        fail(why, ProposalMeter::unknown);
    }

    private void fail(RuntimeException why, Consumer<ProposalMeter> count) {
        Runnable telling =
                () -> {
                    if (future.fail(why) && meter != null) {
                        count.accept(meter);
                    }
                };
        if (callbacks == null) {
            endLoop.execute(telling);
        } else {
            Callbacks.execute(callbacks, endLoop, telling);
        }
    }
}
