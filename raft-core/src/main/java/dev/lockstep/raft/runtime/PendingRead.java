package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.Payload;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A read that waits for its answer. It may be ended by several; the first counts. */
final class PendingRead {
    final Payload question;
    final long begunNanos;
    final long deadlineNanos;

    /** What is to be looked at again before the answer is told; null when nothing is. */
    @Nullable LeaseCheck check;

    private final ClientFuture<?> answer;
    private final @Nullable Executor callbacks;
    private final AtomicLong pendingBytes;
    private final AtomicBoolean ended = new AtomicBoolean();

    /**
     * @param callbacks where the answer is completed; null for the loop that ends it
     * @param pendingBytes where the question's weight was added, and is taken off at the end
     */
    PendingRead(
            Payload question,
            long begunNanos,
            long deadlineNanos,
            ClientFuture<?> answer,
            @Nullable Executor callbacks,
            AtomicLong pendingBytes) {
        this.question = question;
        this.begunNanos = begunNanos;
        this.deadlineNanos = deadlineNanos;
        this.answer = answer;
        this.callbacks = callbacks;
        this.pendingBytes = pendingBytes;
    }

    boolean hasEnded() {
        return ended.get();
    }

    /** Called in the apply loop. */
    void complete(long index, Payload result) {
        end(() -> answer.complete(index, result));
    }

    /** Called in the apply loop or the end loop. */
    void fail(NotDone why) {
        end(() -> answer.fail(why));
    }

    private void end(Runnable telling) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        pendingBytes.addAndGet(-(Entry.OVERHEAD_BYTES + question.size()));
        if (callbacks == null) {
            telling.run();
        } else {
            Callbacks.execute(callbacks, Runnable::run, telling);
        }
    }
}
