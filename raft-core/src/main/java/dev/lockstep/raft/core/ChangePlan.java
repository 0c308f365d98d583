package dev.lockstep.raft.core;

import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Works a change out: which membership it leads to, or why it must not be made. Begins with a
 * membership that isn't joint, so that each node has one member at most.
 */
final class ChangePlan {
    private final Membership current;
    private final Function<NodeId, @Nullable ReplicaId> outsiders;
    private final Predicate<ReplicaId> caughtUp;
    private final List<ReplicaId> voters;
    private final List<ReplicaId> learners;
    private final List<ReplicaId> joining;

    /**
     * @param outsiders who lives on a node and is no member
     * @param caughtUp whether a learner may vote
     */
    ChangePlan(
            Membership current,
            Function<NodeId, @Nullable ReplicaId> outsiders,
            Predicate<ReplicaId> caughtUp) {
        this.current = current;
        this.outsiders = outsiders;
        this.caughtUp = caughtUp;
        voters = new ArrayList<>(current.voters());
        learners = new ArrayList<>(current.learners());
        joining = new ArrayList<>(current.joining());
    }

    /** Takes all steps; null when the change may be made, else why not. */
    @Nullable String refusal(List<MembershipChange.Step> steps) {
        for (MembershipChange.Step step : steps) {
            String refusal = take(step);
            if (refusal != null) {
                return refusal;
            }
        }
        if (voters.isEmpty()) {
            return "nobody would be left to vote";
        }
        if (voters.stream().noneMatch(current.voters()::contains)) {
            return "none of the present voters, "
                    + current.voters()
                    + ", would be left; keep one of them, and remove it by another change";
        }
        return WitnessBound.refusal(voters, joining);
    }

    /** Whether a joiner that has caught up may vote now: a witness waits for full voters. */
    boolean mayVote(ReplicaId joiner) {
        return !joiner.isWitness() || WitnessBound.refusal(voters, List.of(joiner)) == null;
    }

    /** What the steps lead to. */
    Membership target() {
        return new Membership(voters, List.of(), learners, joining);
    }

    /** Makes voters of learners that have caught up. */
    void promote(ReplicaId learner) {
        learners.remove(learner);
        joining.remove(learner);
        voters.add(learner);
    }

    private @Nullable String take(MembershipChange.Step step) {
        ReplicaId member = current.on(step.node());
        return switch (step.action()) {
            case ADD_LEARNER -> member == null ? join(step.node(), false, false) : isMember(member);
            case ADD_VOTER -> addVoter(step.node(), member);
            case ADD_WITNESS -> addWitness(step.node(), member);
            case PROMOTE -> promote(step.node(), member);
            case DEMOTE -> demote(step.node(), member);
            case REMOVE -> member == null ? step.node() + " is no member" : remove(member);
            case REPLACE -> replace(step.node(), member);
        };
    }

    private @Nullable String addVoter(NodeId node, @Nullable ReplicaId member) {
        if (member == null) {
            return join(node, true, false);
        }
        if (voters.contains(member) || joining.contains(member)) {
            return isMember(member);
        }
        joining.add(member);
        return null;
    }

    private @Nullable String addWitness(NodeId node, @Nullable ReplicaId member) {
        if (member == null) {
            return join(node, true, true);
        }
        return member.isWitness() ? isMember(member) : otherKind(member, true);
    }

    private @Nullable String promote(NodeId node, @Nullable ReplicaId member) {
        if (member == null || !learners.contains(member)) {
            return node + " is no learner";
        }
        if (!caughtUp.test(member)) {
            return "learner "
                    + member
                    + " hasn't caught up with the log, so as a voter it would hold up commits; add it as a voter, and"
                    + " it becomes one once it has";
        }
        promote(member);
        return null;
    }

    private @Nullable String demote(NodeId node, @Nullable ReplicaId member) {
        if (member == null || !voters.contains(member)) {
            return node + " is no voter";
        }
        if (member.isWitness()) {
            return member
                    + " is a witness: it holds nothing that a learner would be good for; remove it";
        }
        voters.remove(member);
        learners.add(member);
        return null;
    }

    private @Nullable String remove(ReplicaId member) {
        voters.remove(member);
        learners.remove(member);
        joining.remove(member);
        return null;
    }

    private @Nullable String replace(NodeId node, @Nullable ReplicaId member) {
        if (member == null) {
            return node + " is no member, so there is nothing to replace";
        }
        boolean voter = voters.contains(member) || joining.contains(member);
        remove(member);
        return join(node, voter, member.isWitness());
    }

    private @Nullable String join(NodeId node, boolean asVoter, boolean asWitness) {
        ReplicaId newcomer = outsiders.apply(node);
        if (newcomer == null) {
            return "no replica of "
                    + node
                    + " that isn't a member was heard: its host must be up, with this group open, and each host must have"
                    + " the other among its peers; it is asked now, so try again in a moment";
        }
        if (newcomer.isWitness() != asWitness) {
            return otherKind(newcomer, asWitness);
        }
        learners.add(newcomer);
        if (asVoter) {
            joining.add(newcomer);
        }
        return null;
    }

    /** What a replica keeps was decided when its files were made. */
    private static String otherKind(ReplicaId replica, boolean wantedWitness) {
        String full = "a full replica";
        String witness = "a witness";
        return replica
                + " is "
                + (wantedWitness ? full : witness)
                + " and never becomes "
                + (wantedWitness ? witness : full)
                + ": remove it if it is a member, empty its directory, open the group there as "
                + (wantedWitness ? witness : full)
                + ", and add that";
    }

    /**
     * A node whose directory is a new one isn't the member that it was: the group would count on
     * votes and entries that are gone.
     */
    private String isMember(ReplicaId member) {
        ReplicaId other = outsiders.apply(member.node());
        return other == null
                ? member + " is a member already"
                : member.node()
                        + " is a member as "
                        + member
                        + ", and its directory is a new one, "
                        + other
                        + ": replace it";
    }
}
