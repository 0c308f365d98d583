package dev.lockstep.raft.storage;

import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What isn't known of one replica, since records were lost. A part that the log says again later is
 * known again.
 */
final class Doubt {
    private @Nullable Loss everything;
    private @Nullable Loss founding;
    private @Nullable Loss hardState;
    private @Nullable Loss entries;

    /** By index, the checksums that lost entries' records had; of others nothing is known. */
    private final TreeMap<Long, Integer> checksums = new TreeMap<>();

    void everything(Loss why) {
        everything = everything == null ? why : everything;
    }

    void founding(Loss why) {
        founding = why;
    }

    void foundingIsKnown() {
        founding = null;
    }

    void hardState(Loss why) {
        hardState = why;
    }

    void hardStateIsKnown() {
        hardState = null;
    }

    void entry(RecordHead entry, Loss why) {
        assert entry.kind() == RecordKind.ENTRY : entry;
        checksums.put(entry.index(), entry.checksum());
        entries(why);
    }

    synchronized void entryIsKnown(long index) {
        checksums.remove(index);
    }

    /** The entry there, and all behind it, have left the log. */
    synchronized void truncatedFrom(long index) {
        checksums.tailMap(index, true).clear();
    }

    /** Whether a lost entry's record can have had this checksum. */
    synchronized boolean allows(long index, int checksum) {
        Integer known = checksums.get(index);
        return known == null || known == checksum;
    }

    void entries(Loss why) {
        entries = entries == null ? why : entries;
    }

    /** What another couldn't know at all is known now, but for the entries. */
    void entriesLostWith(Doubt other) {
        entries = other.everything == null ? other.entries : other.everything;
        checksums.putAll(other.checksums);
    }

    /** What is known of entries that are others now is known of nothing. */
    synchronized void keepOnlyOf(EntryIndex now, EntryIndex before) {
        checksums
                .keySet()
                .removeIf(
                        index ->
                                !before.contains(before.termAt(index), index)
                                        || !now.contains(before.termAt(index), index));
    }

    void entriesAreKnown() {
        entries = null;
    }

    /** Nobody knows what the lost records said of this replica. */
    boolean isOfEverything() {
        return everything != null;
    }

    /** Whether some entries are known only by their position. */
    boolean isOfEntries() {
        return entries != null;
    }

    boolean isOfFounding() {
        return founding != null || everything != null;
    }

    /** Why the replica can't go on as what it was; null when it can. */
    @Nullable Loss fatal() {
        if (everything != null) {
            return everything;
        }
        return founding != null ? founding : hardState;
    }

    /** Why some entries are known only by their position; null when all can be read. */
    @Nullable Loss ofEntries() {
        return entries;
    }
}
