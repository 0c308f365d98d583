package dev.lockstep.raft.testkit.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The configurations that a search has been in. An operation of unknown outcome need never be
 * taken; so where a search got stuck, one that has the same completed operations behind it and the
 * same state, and has used up the same unknown ones and more, is stuck too.
 */
final class Configurations {
    private final Map<Place, List<TakenSet.Frozen>> usedAt = new HashMap<>();

    /** Remembers the configuration, unless one that is no worse is known already. */
    boolean isNew(TakenSet completed, Object state, int unknownsInARow, TakenSet unknowns) {
        List<TakenSet.Frozen> known =
                usedAt.computeIfAbsent(
                        new Place(completed.frozen(), state, unknownsInARow),
                        p -> new ArrayList<>(1));
        TakenSet.Frozen used = unknowns.frozen();
        for (TakenSet.Frozen one : known) {
            if (one.isSubsetOf(used)) {
                return false;
            }
        }
        known.removeIf(used::isSubsetOf);
        known.add(used);
        return true;
    }

    private record Place(TakenSet.Frozen completed, Object state, int unknownsInARow) {}
}
