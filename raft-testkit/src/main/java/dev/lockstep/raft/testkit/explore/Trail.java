package dev.lockstep.raft.testkit.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How each state was reached first: from which other, by which action. Eight bytes a state. */
final class Trail {
    private static final int ROOT = -1;

    private int[] parents = new int[1 << 16];
    private int[] actions = new int[1 << 16];
    private int size;

    /** A state with which ways begin; as action the number of that beginning. */
    int addRoot(int beginning) {
        return add(ROOT, beginning);
    }

    int add(int parent, int action) {
        if (size == parents.length) {
            int larger = (int) Math.min(Integer.MAX_VALUE - 8L, size + (size >> 1));
            parents = Arrays.copyOf(parents, larger);
            actions = Arrays.copyOf(actions, larger);
        }
        parents[size] = parent;
        actions[size] = action;
        return size++;
    }

    int beginningOf(int state) {
        int at = state;
        while (parents[at] != ROOT) {
            at = parents[at];
        }
        return actions[at];
    }

    /** The actions that lead to a state from its beginning. */
    List<Integer> to(int state) {
        List<Integer> way = new ArrayList<>();
        for (int at = state; parents[at] != ROOT; at = parents[at]) {
            way.add(0, actions[at]);
        }
        return way;
    }
}
