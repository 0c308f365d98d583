package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.store.Operation;
import dev.lockstep.examples.kv.store.Reply;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** What a command asks of the server. */
sealed interface Step {
    /** This node knows the answer. */
    record Answer(Reply reply) implements Step {}

    /** The replicated state is asked. */
    record Run(Operation operation) implements Step {}

    /** This replica is asked, once all before it is answered. */
    record Later(Supplier<CompletableFuture<Reply>> question) implements Step {}

    /** The answer is the last one; the connection ends. */
    record Close(Reply reply) implements Step {}

    static Step ok() {
        return new Answer(Reply.ok());
    }

    static Step refuse(String error) {
        return new Answer(Reply.failure(error));
    }
}
