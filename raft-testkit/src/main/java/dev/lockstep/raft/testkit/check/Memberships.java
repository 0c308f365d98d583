package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.ReplicaId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Every membership that the group had or was asked to have, to say which of them a majority was to
 * be one of. Empty when nobody watches the disks.
 */
final class Memberships {
    /** By the index of its entry; 0 for that of the founding. */
    private final TreeMap<Long, Set<Known>> byIndex = new TreeMap<>();

    /** Those of which some replica knew that they are committed. */
    private final Map<Long, Membership> committed = new TreeMap<>();

    /**
     * @param term 0 while no disk was given its entry
     */
    private record Known(long term, Membership membership) {}

    void founded(Membership initial) {
        add(0, new Known(0, initial));
        committed.put(0L, initial);
    }

    /** A disk is given the entry. */
    void wrote(LogPosition at, Membership membership) {
        add(at.index(), new Known(at.term(), membership));
    }

    /** It is in force somewhere, which may be before any disk is given its entry. */
    void inForce(long index, Membership membership, boolean isCommitted) {
        if (isCommitted) {
            committed.put(index, membership);
        }
        add(index, new Known(0, membership));
    }

    private void add(long index, Known known) {
        byIndex.computeIfAbsent(index, i -> new LinkedHashSet<>()).add(known);
    }

    boolean areUnknown() {
        return byIndex.isEmpty();
    }

    /**
     * Those by which whoever led may have counted what it committed at an index: the last one up to
     * there in that log, or any behind it. The log of a replica whose disk is slow may not have got
     * there yet.
     */
    List<Membership> countedAt(long index, ReplicaRecord log) {
        long written = Math.min(index, log.last());
        List<Membership> candidates = new ArrayList<>(last(written, log));
        for (Set<Known> behind : byIndex.tailMap(written, false).values()) {
            behind.forEach(known -> candidates.add(known.membership));
        }
        return candidates;
    }

    /**
     * The last one up to an index in that log. More than one where a snapshot hides which that is.
     */
    List<Membership> last(long index, ReplicaRecord log) {
        List<Membership> candidates = new ArrayList<>();
        for (Map.Entry<Long, Set<Known>> at :
                byIndex.headMap(index, true).descendingMap().entrySet()) {
            long own = at.getKey();
            Membership sure = committed.get(own);
            if (sure != null && (own <= log.base() || log.termAt(own) > 0)) {
                candidates.add(sure);
                return candidates;
            }
            for (Known known : at.getValue()) {
                boolean hidden = own <= log.base();
                if (hidden || known.term > 0 && log.termAt(own) == known.term) {
                    candidates.add(known.membership);
                    if (!hidden) {
                        return candidates;
                    }
                }
            }
        }
        return candidates;
    }

    /** Whether those that the predicate names are a quorum: in both halves of a joint one. */
    static boolean isQuorum(Membership membership, Predicate<ReplicaId> has) {
        return isMajority(membership.voters(), has)
                && (!membership.isJoint() || isMajority(membership.outgoing(), has));
    }

    private static boolean isMajority(List<ReplicaId> voters, Predicate<ReplicaId> has) {
        int count = 0;
        for (ReplicaId voter : voters) {
            count += has.test(voter) ? 1 : 0;
        }
        return 2 * count > voters.size();
    }
}
