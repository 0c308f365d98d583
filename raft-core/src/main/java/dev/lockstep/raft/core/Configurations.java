package dev.lockstep.raft.core;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.ReplicaId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The configurations of a log. The one at the log's end is in force from the moment when it is
 * appended, committed or not, and leaves with its entry (§4.1).
 */
final class Configurations {
    /** Ascending; the first is the founding's, or that of the newest snapshot. */
    private final List<At> all = new ArrayList<>();

    private long changes;

    /** A configuration and the index of its entry; 0 for the founding's. */
    record At(long index, Membership membership) {}

    /** Begins with what came before the log's entries: once, when the group is founded. */
    void begin(long index, Membership membership) {
        all.add(new At(index, membership));
        changes++;
    }

    /** Grows whenever another configuration may be in force. */
    long changes() {
        return changes;
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /** The one in force. */
    At current() {
        return all.get(all.size() - 1);
    }

    /** The one that was in force at an index that is not before the first. */
    At at(long index) {
        int i = all.size() - 1;
        while (all.get(i).index() > index) {
            i--;
        }
        return all.get(i);
    }

    /**
     * Whether a server campaigns when it hears no leader. A voter does, and so does one that the
     * configuration at the log's end has left out, as long as that may not be committed: it may
     * hold the longest log, without which none of the voters can win (§4.2.2). Its own vote counts
     * nothing then.
     */
    boolean mayCampaign(ReplicaId server, long committed) {
        if (server.isWitness()) {
            return false; // it couldn't send anybody what it would have to
        }
        if (current().membership().isVoter(server)) {
            return true;
        }
        return current().index() > committed
                && all.size() > 1
                && all.get(all.size() - 2).membership().isVoter(server);
    }

    /** Why an entry that names a configuration can't be one of this log; null when it can. */
    static @Nullable String refusal(Entry entry) {
        try {
            MembershipFormat.decode(entry.payload());
            return null;
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    void appended(Entry entry) {
        all.add(new At(entry.index(), MembershipFormat.decode(entry.payload())));
        changes++;
    }

    /** An entry that the log holds, and that couldn't be read until now. */
    void repaired(Entry entry) {
        int i = all.size();
        while (i > 0 && all.get(i - 1).index() > entry.index()) {
            i--;
        }
        boolean isNew = i > 0 && all.get(i - 1).index() < entry.index();
        if (isNew) { // else a snapshot's stands for it
            all.add(i, new At(entry.index(), MembershipFormat.decode(entry.payload())));
            changes++;
        }
    }

    /** Entries from an index on have left the log. */
    void truncatedFrom(long index) {
        while (all.size() > 1 && current().index() >= index) {
            all.remove(all.size() - 1);
            changes++;
        }
    }

    /** Nothing before that index is asked for any more. */
    void forgetBefore(long index) {
        while (all.size() > 1 && all.get(1).index() <= index) {
            all.remove(0);
        }
    }

    /** A snapshot has replaced the log up to an index, and with {@code rest} false all of it. */
    void restartAt(long index, Membership membership, boolean rest) {
        if (rest) {
            all.removeIf(configuration -> configuration.index() <= index);
        } else {
            all.clear();
        }
        all.add(0, new At(index, membership));
        changes++;
    }
}
