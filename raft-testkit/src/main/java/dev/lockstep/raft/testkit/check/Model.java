package dev.lockstep.raft.testkit.check;

import org.jspecify.annotations.Nullable;

/**
 * What a correct service without concurrency would do.
 *
 * @param <S> its states: immutable values with {@code equals} and {@code hashCode}
 * @param <I> what clients ask for
 * @param <O> what they are answered
 */
public interface Model<S, I, O> {
    /** The state before the first operation. */
    S initial();

    /**
     * Takes one operation.
     *
     * @param output what the client was answered; null when that isn't known, and anything is
     *     possible
     * @return the state after it; null when no correct service in this state would have answered so
     */
    @Nullable S step(S state, I input, @Nullable O output);

    /** Which of many independent objects the operation is about: each is checked by itself. */
    default Object partition(I input) {
        return "all";
    }

    /**
     * Whether it never changes a state: then, if its outcome is unknown, it says nothing and is
     * left out.
     */
    default boolean readOnly(I input) {
        return false;
    }
}
