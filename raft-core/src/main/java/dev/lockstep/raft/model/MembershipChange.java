package dev.lockstep.raft.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A change of a group's members, made as a whole or not at all (§4.3). Nodes are named; the leader
 * knows which replica, in which incarnation, lives on each.
 *
 * @param steps at least one; no node is named twice
 * @param expected the index of the configuration that this change was decided upon: with any other
 *     in force it is refused; {@link #ANY} to change whatever is there
 */
public record MembershipChange(List<Step> steps, long expected) {
    /** For {@code expected}: whatever is in force. */
    public static final long ANY = -1;

    /** What one step does. */
    public enum Action {
        /** A node that is no member gets the log from now on, and has no vote. */
        ADD_LEARNER,
        /**
         * A node that is no member, or is a learner, becomes a voter on its own once it has caught
         * up; until then it is a learner.
         */
        ADD_VOTER,
        /**
         * A node that is no member and has this group open as a witness becomes a voter on its own
         * once it has caught up; until then it is a learner. What was opened as one kind never
         * becomes the other: remove it, and add it with an empty directory.
         */
        ADD_WITNESS,
        /** A learner that has caught up becomes a voter by this change. */
        PROMOTE,
        /** A voter becomes a learner. */
        DEMOTE,
        /** A member becomes none. */
        REMOVE,
        /**
         * The node's directory was wiped: what was a member there is removed, and what lives there
         * now joins in its place.
         */
        REPLACE
    }

    /** One node's part of a change. */
    public record Step(Action action, NodeId node) {
        @Override
        public String toString() {
            return action + " " + node;
        }
    }

    public MembershipChange {
        steps = List.copyOf(steps);
        if (steps.isEmpty()) {
            throw new IllegalArgumentException("a change needs at least one step");
        }
        Set<NodeId> named = new TreeSet<>();
        for (Step step : steps) {
            if (!named.add(step.node())) {
                throw new IllegalArgumentException(
                        step.node() + " is named twice in one change: " + steps);
            }
        }
        if (expected < ANY) {
            throw new IllegalArgumentException("no configuration has the index " + expected);
        }
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects the steps of a change. */
    public static final class Builder {
        private final List<Step> steps = new ArrayList<>();
        private long expected = ANY;

        private Builder() {}

        /** See {@link Action#ADD_LEARNER}. */
        public Builder addLearner(String node) {
            return step(Action.ADD_LEARNER, node);
        }

        /** See {@link Action#ADD_VOTER}. */
        public Builder addVoter(String node) {
            return step(Action.ADD_VOTER, node);
        }

        /** See {@link Action#ADD_WITNESS}. */
        public Builder addWitness(String node) {
            return step(Action.ADD_WITNESS, node);
        }

        /** See {@link Action#PROMOTE}. */
        public Builder promote(String node) {
            return step(Action.PROMOTE, node);
        }

        /** See {@link Action#DEMOTE}. */
        public Builder demote(String node) {
            return step(Action.DEMOTE, node);
        }

        /** See {@link Action#REMOVE}. */
        public Builder remove(String node) {
            return step(Action.REMOVE, node);
        }

        /** See {@link Action#REPLACE}. */
        public Builder replace(String node) {
            return step(Action.REPLACE, node);
        }

        /** Only if the configuration of that index is in force. */
        public Builder expecting(long configurationIndex) {
            expected = configurationIndex;
            return this;
        }

        /**
         * @throws IllegalArgumentException when there is no step, or a node is named twice
         */
        public MembershipChange build() {
            return new MembershipChange(steps, expected);
        }

        private Builder step(Action action, String node) {
            steps.add(new Step(action, NodeId.of(node)));
            return this;
        }
    }
}
