package dev.lockstep.raft.core;

import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.quorum.Quorum;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the leader knows of every other member of the configuration at its log's end, and of those
 * that it has just left out: they are served until they had the chance to learn that they are
 * members no more, or they would campaign for want of a leader (§4.2.3).
 */
final class Followers implements Iterable<Progress> {
    private final RaftCore core;
    private final ReadQueue rounds;

    /** Answers to rounds from this one on were given since the present configuration came. */
    private long presentRound;

    /** Before it nobody was asked anything, so nobody is missed for it. */
    private long excusedNanos = Long.MIN_VALUE;

    private final List<Progress> all = new ArrayList<>();
    private final List<Farewell> farewells = new ArrayList<>();

    /** One that the configuration at {@code index} left out. */
    private static final class Farewell {
        final Progress follower;
        final long index;
        long committedNanos = RaftCore.NO_DEADLINE;

        Farewell(Progress follower, long index) {
            this.follower = follower;
            this.index = index;
        }
    }

    Followers(RaftCore core, ReadQueue rounds) {
        this.core = core;
        this.rounds = rounds;
        follow();
    }

    /** Takes up the configuration that has come to the log's end. */
    void follow() {
        Configurations.At current = core.configurations.current();
        for (ReplicaId replica : current.membership().replicas()) {
            if (!replica.equals(core.self) && of(replica) == null) {
                all.add(new Progress(replica, core.log.lastIndex() + 1, core.now()));
            }
        }
        boolean anyIsReplaced = false;
        for (Progress follower : all) {
            boolean replaced = isReplaced(follower.replica, current.membership());
            follower.setReplaced(replaced);
            anyIsReplaced |= replaced;
        }
        if (anyIsReplaced) {
            rounds.nextRound();
            presentRound = rounds.round();
        }
        farewells.removeIf(left -> current.membership().contains(left.follower.replica));
        for (Progress follower : all) {
            if (!current.membership().contains(follower.replica) && !isLeaving(follower)) {
                farewells.add(new Farewell(follower, current.index()));
            }
        }
    }

    /**
     * Whether another incarnation has come to its node. Messages are routed by node: what is meant
     * for the old one would reach the new one, and tell it what it has never acknowledged.
     */
    private static boolean isReplaced(ReplicaId replica, Membership membership) {
        for (ReplicaId member : membership.replicas()) {
            if (member.node().equals(replica.node()) && !member.equals(replica)) {
                return !membership.voters().contains(replica)
                        && !membership.learners().contains(replica);
            }
        }
        return false;
    }

    /**
     * Who answers what was asked since then lives, whatever the configuration says: an operator may
     * have put in its place an earlier incarnation, of which a late message told.
     */
    void answered(Progress follower, long round) {
        if (follower.isReplaced() && round >= presentRound) {
            for (Progress other : all) {
                if (other.replica.node().equals(follower.replica.node())) {
                    other.setReplaced(other != follower);
                }
            }
        }
    }

    private boolean isLeaving(Progress follower) {
        for (Farewell farewell : farewells) {
            if (farewell.follower == follower) {
                return true;
            }
        }
        return false;
    }

    /**
     * Lets those go who know that they were left out and that it is committed, or were told so for
     * an election timeout. Called after each round of heartbeats.
     */
    void sayFarewell() {
        long committed = core.commits.committed();
        for (Iterator<Farewell> leaving = farewells.iterator(); leaving.hasNext(); ) {
            Farewell farewell = leaving.next();
            if (farewell.index > committed) {
                continue;
            }
            if (farewell.committedNanos == RaftCore.NO_DEADLINE) {
                farewell.committedNanos = core.now();
            } else if (farewell.follower.match() >= farewell.index
                    || core.now() - farewell.committedNanos
                            >= core.options.electionTimeout().toNanos()) {
                leaving.remove();
                all.remove(farewell.follower);
            }
        }
    }

    @Override
    public Iterator<Progress> iterator() {
        return all.iterator();
    }

    /** Null for whoever isn't a member, in just this incarnation. */
    @Nullable Progress of(ReplicaId replica) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).replica.equals(replica)) {
                return all.get(i);
            }
        }
        return null;
    }

    /**
     * Whether it is a voter that may lead, was heard within the election timeout and can be
     * reached.
     */
    boolean isFit(Progress follower) {
        return core.membership().isVoter(follower.replica)
                && !follower.replica.isWitness()
                && core.isReachable(follower.replica.node())
                && core.now() - follower.heardNanos() < core.options.electionTimeout().toNanos();
    }

    /** For how long a quorum hasn't answered, though it was asked. */
    long silenceNanos() {
        return core.now() - Math.max(excusedNanos, reached(core.now(), Progress::heardNanos));
    }

    /** From now on they are asked again. */
    void excuseSilence() {
        excusedNanos = core.now();
    }

    boolean areAllHeardSince(long nanos) {
        for (Progress follower : all) {
            if (follower.heardNanos() < nanos) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether everybody was heard lately, holds all of the log, and nobody leaves or should rather
     * lead; those aside whose host isn't connected, who are a minority.
     */
    boolean areSettled() {
        long timeout = core.options.electionTimeout().toNanos();
        for (Progress follower : all) {
            if (isGone(follower)) {
                continue;
            }
            boolean shouldLead =
                    isFit(follower) && follower.priority() > core.options.electionPriority();
            if (shouldLead
                    || !follower.isSettledAt(core.log.lastIndex())
                    || core.now() - follower.heardNanos() >= timeout) {
                return false;
            }
        }
        return farewells.isEmpty() && silenceNanos() < timeout;
    }

    /** Whether it hears nothing, and its connection will tell when it is there again. */
    boolean isGone(Progress follower) {
        return !core.isReachable(follower.replica.node());
    }

    /**
     * The full voter, lately heard, that holds most of the log; null when there is none.
     *
     * @param on only the one on this node; null for anyone
     */
    @Nullable Progress freshestVoter(@Nullable NodeId on) {
        Progress best = null;
        for (Progress follower : all) {
            if ((on == null || follower.replica.node().equals(on))
                    && isFit(follower)
                    && (best == null || follower.match() > best.match())) {
                best = follower;
            }
        }
        return best;
    }

    /**
     * What a quorum of the configuration at the log's end has reached (§4.1). This leader counts
     * with its own value if it is a voter there, and in no quorum if it isn't (§4.2.2).
     */
    long reached(long own, ToLongFunction<Progress> theirs) {
        return Quorum.reached(
                core.membership(),
                voter -> {
                    if (voter.equals(core.self)) {
                        return own;
                    }
                    Progress follower = of(voter);
                    assert follower != null : voter + " votes and isn't followed";
                    return theirs.applyAsLong(follower);
                });
    }
}
