package dev.lockstep.raft.testkit.check;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One search for an order of the operations on one object. Which operations are already taken is a
 * bit set; a {@linkplain Configurations configuration} is that set and the state that it led to,
 * and none is searched twice.
 *
 * <p>Invocations and returns that still count stand in a linked list, in their order. An operation
 * may be taken next if it was invoked before the first return in the list. One of unknown outcome
 * has no return; it stands in a list of its own, and is tried after the others.
 */
final class LinearizationSearch<S, I, O> {
    private static final int SHOWN = 12;

    private final Model<S, I, O> model;
    private final List<Operation<I, O>> operations;
    private final int maxUnknownsInARow;
    private final long maxSteps;
    private final EventList events;
    private final int[] unknowns;
    private final int[] sameUnknownBefore;
    private final TakenSet completed;
    private final TakenSet unknownsUsed;
    private final Configurations seen = new Configurations();
    private final ArrayDeque<Choice<S>> path = new ArrayDeque<>();
    private S state;
    private int unknownsInARow;
    private long steps;
    private int missing;
    private int fewestMissing = Integer.MAX_VALUE;
    private String furthest = "";

    LinearizationSearch(
            Model<S, I, O> model,
            List<Operation<I, O>> operations,
            int maxUnknownsInARow,
            long maxSteps) {
        this.model = model;
        this.operations =
                operations.stream().sorted(Comparator.comparingLong(Operation::invoked)).toList();
        this.maxUnknownsInARow = maxUnknownsInARow;
        this.maxSteps = maxSteps;
        this.events = new EventList(this.operations);
        this.unknowns = events.unknowns();
        this.sameUnknownBefore = sameBefore(unknowns);
        this.completed = new TakenSet(operations.size());
        this.unknownsUsed = new TakenSet(unknowns.length);
        this.state = model.initial();
        this.missing = operations.size() - unknowns.length;
    }

    Verdict run() {
        int candidate = 0;
        while (missing > 0) {
            if (steps >= maxSteps) {
                return new Verdict(
                        Verdict.Kind.UNDECIDED,
                        steps,
                        "given up after " + steps + " steps; " + furthest);
            }
            int next = takeOneFrom(candidate);
            if (next >= 0) {
                candidate = 0;
                continue;
            }
            noteFurthest();
            Choice<S> last = path.poll();
            if (last == null) {
                return new Verdict(Verdict.Kind.VIOLATED, steps, furthest);
            }
            undo(last);
            candidate = last.candidate + 1;
        }
        return new Verdict(Verdict.Kind.LINEARIZABLE, steps, "");
    }

    /**
     * Takes the first operation that can be next, of those with at least this number: first the
     * completed ones that were invoked before the first return, then the unknown ones.
     *
     * @return the number that it had; -1 when there is none
     */
    private int takeOneFrom(int from) {
        int number = 0;
        for (int event = events.first(); events.isInvocation(event); event = events.after(event)) {
            if (number >= from && take(events.operation(event), number, false)) {
                return number;
            }
            number++;
        }
        if (unknownsInARow >= maxUnknownsInARow) {
            return -1;
        }
        long firstReturn = events.firstReturn();
        for (int i = 0; i < unknowns.length; i++) {
            if (operations.get(unknowns[i]).invoked() > firstReturn) {
                break;
            }
            if (mayUse(i)) {
                if (number >= from && take(i, number, true)) {
                    return number;
                }
                number++;
            }
        }
        return -1;
    }

    /** Of unknown operations that ask for the same, the earlier one is as good as the later. */
    private boolean mayUse(int unknown) {
        int same = sameUnknownBefore[unknown];
        return !unknownsUsed.has(unknown) && (same < 0 || unknownsUsed.has(same));
    }

    private boolean take(int index, int number, boolean unknown) {
        Operation<I, O> operation = operations.get(unknown ? unknowns[index] : index);
        steps++;
        S after = model.step(state, operation.input(), operation.output());
        if (after == null || unknown && after.equals(state)) {
            // An unknown operation that changes nothing may as well have never happened.
            return false;
        }
        TakenSet takenFrom = unknown ? unknownsUsed : completed;
        int inARow = unknown ? unknownsInARow + 1 : 0;
        takenFrom.add(index);
        int countedInARow = maxUnknownsInARow == Integer.MAX_VALUE ? 0 : inARow;
        if (!seen.isNew(completed, after, countedInARow, unknownsUsed)) {
            takenFrom.remove(index);
            return false;
        }
        path.push(new Choice<>(index, number, unknown, state, unknownsInARow));
        state = after;
        unknownsInARow = inARow;
        if (!unknown) {
            events.unlink(index);
            missing--;
        }
        return true;
    }

    private void undo(Choice<S> choice) {
        (choice.unknown ? unknownsUsed : completed).remove(choice.index);
        state = choice.before;
        unknownsInARow = choice.unknownsInARowBefore;
        if (!choice.unknown) {
            events.relink(choice.index);
            missing++;
        }
    }

    private void noteFurthest() {
        if (missing >= fewestMissing) {
            return;
        }
        fewestMissing = missing;
        List<String> done = new ArrayList<>();
        for (Choice<S> choice : path) {
            if (done.size() < SHOWN) {
                done.add(
                        0,
                        operations
                                .get(choice.unknown ? unknowns[choice.index] : choice.index)
                                .toString());
            }
        }
        List<String> stuck = new ArrayList<>();
        for (int event = events.first(); events.isInvocation(event); event = events.after(event)) {
            stuck.add(operations.get(events.operation(event)).toString());
        }
        furthest =
                missing
                        + " of "
                        + operations.size()
                        + " operations can't be explained; longest explanation:\n  "
                        + (path.size() > SHOWN ? "...\n  " : "")
                        + String.join("\n  ", done)
                        + "\n then the state is "
                        + state
                        + ", and none of these can be next:\n  "
                        + String.join("\n  ", stuck);
    }

    private int[] sameBefore(int[] among) {
        Map<I, Integer> latest = new HashMap<>();
        int[] before = new int[among.length];
        for (int i = 0; i < among.length; i++) {
            Integer same = latest.put(operations.get(among[i]).input(), i);
            before[i] = same == null ? -1 : same;
        }
        return before;
    }

    /** A step of the search: the operation's index, or that among the unknown ones. */
    private record Choice<S>(
            int index, int candidate, boolean unknown, S before, int unknownsInARowBefore) {}
}
