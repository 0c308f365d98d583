package dev.lockstep.raft.testkit.check;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the clients of a run did, in the order in which it happened. That order counts for the
 * checkers, not the times: the simulation is one thread, so its order is one in which things really
 * happened.
 *
 * @param <I> what clients ask for
 * @param <O> what they are answered
 */
public final class History<I, O> {
    private final List<Pending<I, O>> invocations = new ArrayList<>();
    private final Map<Operation.Outcome, Long> counts = new EnumMap<>(Operation.Outcome.class);
    private long allEnded;
    private long order;

    /** One in which nothing has happened yet. */
    public History() {}

    /** A client begins something; whatever it gets is told to the result. */
    public Pending<I, O> invoke(int client, I input, long nowNanos) {
        Pending<I, O> pending = new Pending<>(this, client, input, order++, nowNanos);
        invocations.add(pending);
        return pending;
    }

    /**
     * All operations in the order of their invocation; one that has not ended counts as unknown.
     */
    public List<Operation<I, O>> operations() {
        List<Operation<I, O>> operations = new ArrayList<>(invocations.size());
        for (Pending<I, O> pending : invocations) {
            Operation<I, O> ended = pending.ended;
            operations.add(
                    ended != null
                            ? ended
                            : pending.end(Operation.Outcome.UNKNOWN, null, pending.invokedNanos));
        }
        return operations;
    }

    /** How many operations ended so; one that has not ended counts as unknown. */
    public long count(Operation.Outcome outcome) {
        long ended = counts.getOrDefault(outcome, 0L);
        return outcome == Operation.Outcome.UNKNOWN ? ended + invocations.size() - allEnded : ended;
    }

    /** An operation that has begun. It ends once. */
    public static final class Pending<I, O> {
        private final History<I, O> history;
        private final int client;
        private final I input;
        private final long invoked;
        private final long invokedNanos;
        private @Nullable Operation<I, O> ended;

        Pending(History<I, O> history, int client, I input, long invoked, long invokedNanos) {
            this.history = history;
            this.client = client;
            this.input = input;
            this.invoked = invoked;
            this.invokedNanos = invokedNanos;
        }

        public void ok(O output, long nowNanos) {
            finish(end(Operation.Outcome.OK, output, nowNanos));
        }

        /** It surely had no effect and never will. */
        public void failed(long nowNanos) {
            finish(end(Operation.Outcome.FAILED, null, nowNanos));
        }

        public void unknown(long nowNanos) {
            finish(end(Operation.Outcome.UNKNOWN, null, nowNanos));
        }

        private void finish(Operation<I, O> operation) {
            if (ended != null) {
                throw new IllegalStateException("ended twice: " + ended + " and " + operation);
            }
            ended = operation;
            history.counts.merge(operation.outcome(), 1L, Long::sum);
            history.allEnded++;
        }

        private Operation<I, O> end(Operation.Outcome outcome, @Nullable O output, long nowNanos) {
            long returned =
                    outcome == Operation.Outcome.UNKNOWN ? Operation.NEVER : history.order++;
            return new Operation<>(
                    client, input, output, outcome, invoked, returned, invokedNanos, nowNanos);
        }
    }
}
