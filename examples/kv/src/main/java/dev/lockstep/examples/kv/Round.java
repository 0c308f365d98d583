package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.store.Operation;
import dev.lockstep.examples.kv.store.Reply;
import dev.lockstep.examples.kv.store.WireWriter;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The requests of one connection that are under way together, and how far they are answered.
 *
 * <p>A step that ends the connection, or asks this replica itself, is the last one of its round.
 */
final class Round {
    private final List<Step> steps = new ArrayList<>();
    private int answered;

    void add(Step step) {
        steps.add(step);
    }

    int size() {
        return steps.size();
    }

    boolean isClosed() {
        return !steps.isEmpty() && (last() instanceof Step.Later || last() instanceof Step.Close);
    }

    boolean isAnswered() {
        return answered == steps.size();
    }

    boolean endsConnection() {
        return !steps.isEmpty() && last() instanceof Step.Close;
    }

    private Step last() {
        return steps.get(steps.size() - 1);
    }

    /**
     * Appends all replies that are known, in the order of the requests.
     *
     * @param replies to what {@link #ask} asked last; maybe not to all of it, then the rest is
     *     asked again
     */
    void answer(List<ByteBuffer> replies, ByteBuf out) {
        Iterator<ByteBuffer> next = replies.iterator();
        while (answered < steps.size()) {
            Step step = steps.get(answered);
            if (step instanceof Step.Answer known) {
                append(known.reply(), out);
            } else if (step instanceof Step.Close closing) {
                append(closing.reply(), out);
            } else if (next.hasNext()) {
                out.writeBytes(next.next());
            } else {
                return;
            }
            answered++;
        }
    }

    /** Asks for what comes next and isn't known here. */
    CompletableFuture<List<ByteBuffer>> ask(ReplicatedStore store) {
        List<Operation> operations = new ArrayList<>();
        for (Step step : steps.subList(answered, steps.size())) {
            if (step instanceof Step.Run run) {
                operations.add(run.operation());
            }
        }
        if (operations.isEmpty() && last() instanceof Step.Later later) {
            return later.question().get().thenApply(reply -> List.of(encoded(reply)));
        }
        return store.run(operations);
    }

    /** Answers all that isn't known with that error. */
    void fail(String error, ByteBuf out) {
        answer(List.of(), out);
        while (!isAnswered()) {
            answer(List.of(encoded(Reply.failure(error))), out);
        }
    }

    private static ByteBuffer encoded(Reply reply) {
        WireWriter out = new WireWriter();
        reply.writeTo(out);
        return out.toPayload().asByteBuffer();
    }

    private static void append(Reply reply, ByteBuf out) {
        out.writeBytes(encoded(reply));
    }
}
