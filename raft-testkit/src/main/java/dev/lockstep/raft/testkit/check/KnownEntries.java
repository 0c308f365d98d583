package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every entry that any replica has written, to check the log matching property (§3.5): two logs
 * with an entry of the same index and term hold the same one, and are equal before it.
 */
final class KnownEntries {
    /** By index: one for each term in which some leader made an entry there. */
    private final List<List<Known>> byIndex = new ArrayList<>();

    /** An entry and the term of the one before it. */
    private record Known(Entry entry, long previousTerm) {}

    /**
     * @param previousTerm 0 when it isn't known, or the entry is the first
     * @param byWitness who keeps the position of what others have written, and nothing of its own
     */
    @Nullable String wrote(Entry entry, long previousTerm, boolean byWitness) {
        if (byWitness != (entry.kind() == EntryKind.POSITION)
                && entry.kind() != EntryKind.CONFIGURATION) {
            return "is " + (byWitness ? "a witness" : "no witness") + " and wrote " + entry;
        }
        List<Known> known = at(entry.index());
        for (int i = 0; i < known.size(); i++) {
            Known one = known.get(i);
            if (one.entry.term() == entry.term()) {
                if (!same(one.entry, entry)) {
                    return "wrote " + entry + " where another replica has " + one.entry;
                }
                boolean follows =
                        previousTerm == 0
                                || one.previousTerm == 0
                                || one.previousTerm == previousTerm;
                return follows
                        ? null
                        : "wrote "
                                + entry
                                + " behind an entry of term "
                                + previousTerm
                                + ", another replica did behind one of term "
                                + one.previousTerm;
            }
        }
        if (byWitness && entry.kind() == EntryKind.POSITION) {
            return "wrote " + entry + ", which no full replica has written";
        }
        known.add(new Known(entry, previousTerm));
        return null;
    }

    @Nullable String read(Entry entry) {
        for (Known known : at(entry.index())) {
            if (known.entry.term() == entry.term()) {
                return same(known.entry, entry)
                        ? null
                        : "reads " + entry + " where " + known.entry + " was written";
            }
        }
        return "reads " + entry + ", which nobody has written";
    }

    private static boolean same(Entry known, Entry other) {
        return known.equals(other) || known.forWitness().equals(other);
    }

    private List<Known> at(long index) {
        while (byIndex.size() <= index) {
            byIndex.add(new ArrayList<>(1));
        }
        return byIndex.get((int) index);
    }
}
