package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Payload;
import java.util.concurrent.CompletableFuture;

/** A client's future, and what of a stamped answer it takes. */
final class ClientFuture<T> {
    private final CompletableFuture<T> future = new CompletableFuture<>();
    private final Form<T> form;

    /** Makes what the client gets of an answer and its index. */
    @FunctionalInterface
    interface Form<T> {
        T of(long index, Payload answer);
    }

    ClientFuture(Form<T> form) {
        this.form = form;
    }

    CompletableFuture<T> future() {
        return future;
    }

    /** Returns whether that was its end. */
    boolean complete(long index, Payload answer) {
        return future.complete(form.of(index, answer));
    }

    /** Returns whether that was its end. */
    boolean fail(RuntimeException why) {
        return future.completeExceptionally(why);
    }
}
