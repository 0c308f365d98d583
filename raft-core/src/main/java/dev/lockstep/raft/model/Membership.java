package dev.lockstep.raft.model;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who belongs to a group (a configuration in the dissertation's words, chapter 4). Joint while
 * {@code outgoing} isn't empty: then elections and commits need a majority of {@code voters} and
 * one of {@code outgoing} (§4.3).
 *
 * @param voters the voting members, sorted; at least one
 * @param outgoing the voters of the configuration that is being left, sorted; empty unless joint
 * @param learners members that get the log and don't vote, sorted; an outgoing voter that is to
 *     become a learner is among them already
 * @param joining those of the learners that are to become voters once they have caught up, sorted
 */
public record Membership(
        List<ReplicaId> voters,
        List<ReplicaId> outgoing,
        List<ReplicaId> learners,
        List<ReplicaId> joining) {
    public Membership {
        voters = sorted("voter", voters);
        outgoing = sorted("outgoing voter", outgoing);
        learners = sorted("learner", learners);
        joining = sorted("joining learner", joining);
        if (voters.isEmpty()) {
            throw new IllegalArgumentException("a membership needs at least one voter");
        }
        for (ReplicaId learner : learners) {
            if (find(voters, learner.node()) != null) {
                throw new IllegalArgumentException(
                        learner.node() + " is named as voter and as learner");
            }
        }
        for (ReplicaId joiner : joining) {
            if (!learners.contains(joiner)) {
                throw new IllegalArgumentException(
                        joiner + " is named as joining and is no learner");
            }
        }
    }

    /** Without joining learners. */
    public Membership(List<ReplicaId> voters, List<ReplicaId> outgoing, List<ReplicaId> learners) {
        this(voters, outgoing, learners, List.of());
    }

    public static Membership ofVoters(List<ReplicaId> voters) {
        return new Membership(voters, List.of(), List.of());
    }

    public boolean isJoint() {
        return !outgoing.isEmpty();
    }

    /** Whether this replica, in just this incarnation, has a vote. */
    public boolean isVoter(ReplicaId replica) {
        return voters.contains(replica) || outgoing.contains(replica);
    }

    /** Whether any voter is a witness. */
    public boolean hasWitnesses() {
        return witnesses(voters) + witnesses(outgoing) > 0;
    }

    /** How many of them are witnesses. */
    public static int witnesses(List<ReplicaId> replicas) {
        int witnesses = 0;
        for (int i = 0; i < replicas.size(); i++) {
            witnesses += replicas.get(i).isWitness() ? 1 : 0;
        }
        return witnesses;
    }

    public boolean contains(ReplicaId replica) {
        return isVoter(replica) || learners.contains(replica);
    }

    /** The member on that host, whatever its part; null when there is none. */
    public @Nullable ReplicaId on(NodeId node) {
        ReplicaId found = find(voters, node);
        if (found == null) {
            found = find(outgoing, node);
        }
        return found != null ? found : find(learners, node);
    }

    /** Every member once, sorted. */
    public List<ReplicaId> replicas() {
        TreeMap<ReplicaId, ReplicaId> all = new TreeMap<>();
        voters.forEach(r -> all.put(r, r));
        outgoing.forEach(r -> all.put(r, r));
        learners.forEach(r -> all.put(r, r));
        return List.copyOf(all.values());
    }

    private static @Nullable ReplicaId find(List<ReplicaId> replicas, NodeId node) {
        for (ReplicaId replica : replicas) {
            if (replica.node().equals(node)) {
                return replica;
            }
        }
        return null;
    }

    private static List<ReplicaId> sorted(String what, List<ReplicaId> replicas) {
        List<ReplicaId> sorted = new ArrayList<>(replicas);
        sorted.sort(null);
        for (int i = 1; i < sorted.size(); i++) {
            if (sorted.get(i).node().equals(sorted.get(i - 1).node())) {
                throw new IllegalArgumentException(
                        what + " " + sorted.get(i).node() + " is named twice");
            }
        }
        return List.copyOf(sorted);
    }
}
