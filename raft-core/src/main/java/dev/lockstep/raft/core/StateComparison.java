package dev.lockstep.raft.core;

import dev.lockstep.raft.message.StateVerdict;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.StateHash;
import dev.lockstep.raft.model.StateHash.Part;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A leader's book of what the replicas have made of the log, at the latest places of comparison.
 * Where a majority of the full voters agrees, whoever differs is told so; without one nobody can
 * say who is right, and there is an alarm and nothing else. The leader's own report is one of many.
 */
final class StateComparison {
    private static final int KEPT = 4;

    private final RaftCore core;
    private final TreeMap<Long, Place> places = new TreeMap<>();

    private static final class Place {
        final TreeMap<ReplicaId, StateHash> reports = new TreeMap<>();
        boolean alarmed;
    }

    StateComparison(RaftCore core) {
        this.core = core;
    }

    /** Takes what a replica has reported; that of whoever isn't a member counts nothing. */
    void report(ReplicaId from, StateHash hash) {
        if (!core.membership().contains(from)) {
            return;
        }
        Place place = places.computeIfAbsent(hash.index(), index -> new Place());
        place.reports.put(from, hash);
        if (places.size() > KEPT) {
            places.pollFirstEntry(); // perhaps this very one, of a replica that is far behind
        }
        judge(place);
    }

    private void judge(Place place) {
        StateHash agreed = null;
        for (Part part : Part.values()) {
            StateHash below = agreed;
            Predicate<StateHash> comparable =
                    hash -> part.isIn(hash) && (below == null || sameBelow(part, hash, below));
            agreed = agreed(place, part, comparable);
            for (Map.Entry<ReplicaId, StateHash> report : place.reports.entrySet()) {
                StateHash hash = report.getValue();
                if (comparable.test(hash) && agreed != null && part.of(hash) != part.of(agreed)) {
                    alarm(place);
                    convict(report.getKey(), part, agreed);
                }
            }
            if (agreed == null) {
                if (differ(place, part, comparable)) {
                    alarm(place);
                }
                return;
            }
        }
    }

    private static boolean sameBelow(Part part, StateHash one, StateHash other) {
        for (Part below : Part.values()) {
            if (below == part) {
                return true;
            }
            if (below.of(one) != below.of(other)) {
                return false;
            }
        }
        return true;
    }

    /** The report of one of a majority that agrees; null while there is none. */
    private @Nullable StateHash agreed(Place place, Part part, Predicate<StateHash> comparable) {
        for (StateHash candidate : place.reports.values()) {
            if (comparable.test(candidate)
                    && isMajority(
                            place,
                            hash -> comparable.test(hash) && part.of(hash) == part.of(candidate))) {
                return candidate;
            }
        }
        return null;
    }

    private static boolean differ(Place place, Part part, Predicate<StateHash> comparable) {
        return place.reports.values().stream()
                        .filter(comparable)
                        .mapToLong(part::of)
                        .distinct()
                        .count()
                > 1;
    }

    private boolean isMajority(Place place, Predicate<StateHash> agrees) {
        Membership membership = core.membership();
        return isMajority(place, membership.voters(), agrees)
                && (!membership.isJoint() || isMajority(place, membership.outgoing(), agrees));
    }

    /** Witnesses apply nothing, so nothing can be said of them. */
    private boolean isMajority(Place place, List<ReplicaId> voters, Predicate<StateHash> agrees) {
        int full = 0;
        int agreeing = 0;
        for (ReplicaId voter : voters) {
            if (!voter.isWitness()) {
                StateHash hash = place.reports.get(voter);
                full++;
                agreeing += hash != null && agrees.test(hash) ? 1 : 0;
            }
        }
        return agreeing > full / 2;
    }

    private void alarm(Place place) {
        if (!place.alarmed) {
            place.alarmed = true;
            StateHash any = place.reports.firstEntry().getValue();
            core.outbox.add(new Effect.StatesDiffer(any.index(), evidence(place)));
        }
    }

    private static String evidence(Place place) {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<ReplicaId, StateHash> report : place.reports.entrySet()) {
            text.append(text.isEmpty() ? "" : "; ");
            text.append(report.getKey()).append(" has ").append(report.getValue());
        }
        return text.toString();
    }

    private void convict(ReplicaId replica, Part part, StateHash agreed) {
        StateVerdict verdict = new StateVerdict(core.term(), part, agreed);
        if (replica.equals(core.self)) {
            core.states.judged(verdict);
        } else {
            core.outbox.send(replica, verdict);
        }
    }
}
