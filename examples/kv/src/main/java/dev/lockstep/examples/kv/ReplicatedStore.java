package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.store.Answers;
import dev.lockstep.examples.kv.store.Operation;
import dev.lockstep.examples.kv.store.Read;
import dev.lockstep.examples.kv.store.Request;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.ReadLevel;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Runs operations on the replicated state. */
final class ReplicatedStore {
    private final RaftGroup group;
    private final Clock clock;

    ReplicatedStore(RaftGroup group, Clock clock) {
        this.group = group;
        this.clock = clock;
    }

    /**
     * Runs them in their order, with nothing of others in between, and linearizably. Only reads:
     * without the log, unless its time must decide. Otherwise all of them, the reads too, as one
     * entry.
     *
     * @return the replies as they go to the client; may be fewer, then the rest was not run
     */
    CompletableFuture<List<ByteBuffer>> run(List<Operation> operations) {
        List<Read> reads =
                operations.stream().filter(Read.class::isInstance).map(Read.class::cast).toList();
        if (reads.size() < operations.size()) {
            return propose(operations).thenApply(Answers::read);
        }
        Payload look = new Request.Look(clock.wallMillis(), reads).toPayload();
        return group.read(look, ReadLevel.LINEARIZABLE)
                .thenCompose(
                        answer ->
                                Answers.mustAskTheLog(answer)
                                        ? propose(operations)
                                        : CompletableFuture.completedFuture(answer))
                .thenApply(Answers::read);
    }

    private CompletableFuture<Payload> propose(List<Operation> operations) {
        return group.propose(new Request.Batch(operations).toPayload());
    }
}
