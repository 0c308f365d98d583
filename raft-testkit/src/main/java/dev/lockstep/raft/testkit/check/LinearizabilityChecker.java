package dev.lockstep.raft.testkit.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells whether a history could have come from one copy of the service that takes one operation at
 * a time, each at some moment between its invocation and its return (Herlihy and Wing). The search
 * is that of Wing and Gong with Lowe's memory of the configurations that it has already seen;
 * independent objects are searched apart, which linearizability allows since it is a local
 * property.
 *
 * @param <S> states of the model
 * @param <I> what clients ask for
 * @param <O> what they are answered
 */
public final class LinearizabilityChecker<S, I, O> {
    private static final long DEFAULT_STEPS = 50_000_000;

    /**
     * How many operations of unknown outcome may be taken in a row, in one search after the other.
     * They can be taken at any time, so a search that is free to take them wastes itself on their
     * subsets; nearly every history that can be explained can be with few. Only the last search,
     * without a limit, can convict.
     */
    private static final int[] UNKNOWNS_IN_A_ROW = {1, 3, Integer.MAX_VALUE};

    private final Model<S, I, O> model;
    private final long maxSteps;

    public LinearizabilityChecker(Model<S, I, O> model) {
        this(model, DEFAULT_STEPS);
    }

    /**
     * @param maxSteps the search is given up after so many steps of the model, for each object
     */
    public LinearizabilityChecker(Model<S, I, O> model, long maxSteps) {
        this.model = model;
        this.maxSteps = maxSteps;
    }

    /** Checks a whole history; the first object that fails decides. */
    public Verdict check(List<Operation<I, O>> history) {
        Map<Object, List<Operation<I, O>>> byObject = new LinkedHashMap<>();
        for (Operation<I, O> operation : history) {
            if (says(operation)) {
                byObject.computeIfAbsent(
                                model.partition(operation.input()), key -> new ArrayList<>())
                        .add(operation);
            }
        }
        long steps = 0;
        for (Map.Entry<Object, List<Operation<I, O>>> object : byObject.entrySet()) {
            Verdict verdict = checkOne(object.getValue());
            steps += verdict.steps();
            if (!verdict.isLinearizable()) {
                return new Verdict(
                        verdict.kind(),
                        steps,
                        "object " + object.getKey() + ": " + verdict.explanation());
            }
        }
        return new Verdict(Verdict.Kind.LINEARIZABLE, steps, "");
    }

    private boolean says(Operation<I, O> operation) {
        return switch (operation.outcome()) {
            case OK -> true;
            case FAILED -> false;
            case UNKNOWN -> !model.readOnly(operation.input());
        };
    }

    private Verdict checkOne(List<Operation<I, O>> operations) {
        long unknowns = operations.stream().filter(op -> op.returned() == Operation.NEVER).count();
        long steps = 0;
        for (int inARow : UNKNOWNS_IN_A_ROW) {
            boolean last = inARow >= unknowns;
            int limit = last ? Integer.MAX_VALUE : inARow;
            LinearizationSearch<S, I, O> search =
                    new LinearizationSearch<>(model, operations, limit, maxSteps - steps);
            Verdict verdict = search.run();
            steps += verdict.steps();
            if (last || verdict.isLinearizable() || steps >= maxSteps) {
                return new Verdict(verdict.kind(), steps, verdict.explanation());
            }
        }
        throw new AssertionError("the last search has no limit");
    }
}
