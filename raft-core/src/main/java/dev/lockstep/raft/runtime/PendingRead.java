package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.Payload;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A read that waits for its answer. It may be ended by several; the first counts. Its weight is
 * taken off when it has ended and the apply loop doesn't hold it any more: a state machine that is
 * stuck must not let reads pile up behind it whose deadlines pass.
 */
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

    /** Its end, which is to come, and the tasks of the apply loop that hold it. */
    private final AtomicInteger holders = new AtomicInteger(1);

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

    /**
     * A task of the apply loop is about to hold it; {@link #leave} must follow.
     *
     * @return false when it has ended, so that nothing need be asked
     */
    boolean enter() {
        int before = holders.get();
        while (!hasEnded() && before > 0) {
            if (holders.compareAndSet(before, before + 1)) {
                return true;
            }
            before = holders.get();
        }
        return false;
    }

    /** The task is over. */
    void leave() {
        if (holders.decrementAndGet() == 0) {
            pendingBytes.addAndGet(-(Entry.OVERHEAD_BYTES + question.size()));
        }
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
        leave();
        if (callbacks == null) {
            telling.run();
        } else {
            Callbacks.execute(callbacks, Runnable::run, telling);
        }
    }
}
