package dev.lockstep.raft.testkit.check;

import java.util.List;

/**
 * The definition of linearizability, taken literally: tries every order of every choice of unknown
 * operations.
 */
final class Permutations<S, I, O> {
    private final Model<S, I, O> model;
    private final List<Operation<I, O>> operations;
    private final boolean[] used;

    Permutations(Model<S, I, O> model, List<Operation<I, O>> operations) {
        this.model = model;
        this.operations =
                operations.stream().filter(op -> op.outcome() != Operation.Outcome.FAILED).toList();
        this.used = new boolean[this.operations.size()];
    }

    boolean anyExplains() {
        return anyExplainsFrom(model.initial());
    }

    private boolean anyExplainsFrom(S state) {
        boolean complete = true;
        for (int i = 0; i < used.length; i++) {
            complete &= used[i] || operations.get(i).outcome() == Operation.Outcome.UNKNOWN;
        }
        if (complete) {
            return true;
        }
        for (int i = 0; i < used.length; i++) {
            if (!used[i] && mayBeNext(i)) {
                Operation<I, O> operation = operations.get(i);
                S after = model.step(state, operation.input(), operation.output());
                if (after != null) {
                    used[i] = true;
                    if (anyExplainsFrom(after)) {
                        return true;
                    }
                    used[i] = false;
                }
            }
        }
        return false;
    }

    /** Nothing that is still to come may have returned before it was invoked. */
    private boolean mayBeNext(int candidate) {
        for (int i = 0; i < used.length; i++) {
            if (!used[i] && operations.get(i).returned() < operations.get(candidate).invoked()) {
                return false;
            }
        }
        return true;
    }
}
