package dev.lockstep.raft.testkit.check;

import org.jspecify.annotations.Nullable;

/**
 * One thing that a client did.
 *
 * @param client who did it; a client does one thing at a time
 * @param input what it asked for
 * @param output what it was answered; null unless the outcome is {@link Outcome#OK}
 * @param outcome how it ended
 * @param invoked its place in the order of all invocations and returns
 * @param returned the place of its end; {@link #NEVER} when the outcome is unknown
 * @param invokedNanos when, for people
 * @param returnedNanos when it ended, for people, whatever the outcome
 */
public record Operation<I, O>(
        int client,
        I input,
        @Nullable O output,
        Outcome outcome,
        long invoked,
        long returned,
        long invokedNanos,
        long returnedNanos) {
    /** Later than everything: an operation of unknown outcome may still take effect at any time. */
    public static final long NEVER = Long.MAX_VALUE;

    /** How an operation ended. */
    public enum Outcome {
        /** It took effect, once, between its invocation and its return. */
        OK,
        /** It surely had no effect and never will. */
        FAILED,
        /** It may have taken effect since its invocation, may still do so, or never. */
        UNKNOWN
    }

    @Override
    public String toString() {
        return "client "
                + client
                + " ["
                + invokedNanos / 1_000
                + "us, "
                + returnedNanos / 1_000
                + "us] "
                + input
                + " -> "
                + (outcome == Outcome.OK ? output : outcome);
    }
}
