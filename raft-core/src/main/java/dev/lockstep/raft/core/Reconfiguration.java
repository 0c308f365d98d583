package dev.lockstep.raft.core;

import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.quorum.Quorum;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A leader's changes of the membership (chapter 4), one at a time. A change of more than one voter
 * goes through a joint configuration (§4.3), which is left as soon as it is committed, by this
 * leader or the next. A change of one voter at most goes directly: any majority of the voters
 * before and any of those after share a server then.
 *
 * <p>That is safe only because no change begins before an entry of the leader's own term is
 * committed (the error of §4.1, found in 2015). Two leaders that each change one voter of the same
 * configuration may reach majorities that share nobody; but the later one, whose own entry a
 * majority of that configuration holds, leaves the earlier one none that would elect it again.
 */
final class Reconfiguration {
    private final RaftCore core;
    private final Leader leader;
    private final Followers followers;
    private final List<CatchUp> catchUps = new ArrayList<>();

    private boolean asked;
    private long askedId;

    /** Since when the configuration that leaves this leader out is committed. */
    private long retiringNanos = RaftCore.NO_DEADLINE;

    Reconfiguration(RaftCore core, Leader leader, Followers followers) {
        this.core = core;
        this.leader = leader;
        this.followers = followers;
    }

    /** Begins what a client asks for, or says why not. */
    void change(long id, MembershipChange change) {
        String refusal = busy();
        if (refusal == null) {
            tellWhoAsked(); // the former change may have committed since the last drain
            refusal = begin(id, change);
        }
        if (refusal != null) {
            core.outbox.add(new Effect.ChangeRefused(id, refusal));
        }
    }

    private @Nullable String begin(long id, MembershipChange change) {
        Configurations.At current = core.configurations.current();
        if (change.expected() != MembershipChange.ANY && change.expected() != current.index()) {
            return "the configuration in force is that of index "
                    + current.index()
                    + ", not of "
                    + change.expected()
                    + ": "
                    + current.membership();
        }
        ChangePlan plan =
                new ChangePlan(
                        current.membership(),
                        node -> outsider(node, current.membership()),
                        this::hasCaughtUp);
        String refusal = plan.refusal(change.steps());
        if (refusal == null) {
            refusal = quorumMissing(plan.target());
        }
        if (refusal == null) {
            asked = true;
            askedId = id;
            enter(current.membership(), plan.target());
        }
        return refusal;
    }

    /**
     * Who lives on a node and isn't a member. One that was removed while it was away takes itself
     * for a member still and doesn't say that it is there; so where nobody was heard, somebody is
     * asked, for the next try.
     */
    private @Nullable ReplicaId outsider(NodeId node, Membership membership) {
        ReplicaId heard = core.outsiders.on(node, membership);
        if (heard == null) {
            core.outbox.sendDurably(FoundingRole.anyOn(node), core.founding.state(false));
        }
        return heard;
    }

    /** Why nothing may be changed now; null when it may. */
    private @Nullable String busy() {
        Configurations.At current = core.configurations.current();
        if (leader.isHandingOver()) {
            return "leadership is being handed over; ask the next leader";
        }
        if (current.membership().isJoint() || current.index() > core.commits.committed()) {
            return "another change is under way, at index " + current.index();
        }
        return leader.hasCommittedInItsTerm()
                ? null
                : "this leader hasn't committed an entry of its own term yet; try again in a moment";
    }

    /** A change after which nothing could be committed must not begin. */
    private @Nullable String quorumMissing(Membership target) {
        long limit = core.options.electionTimeout().toNanos();
        long heard =
                Quorum.reached(
                        target,
                        voter -> {
                            Progress follower = followers.of(voter);
                            return voter.equals(core.self) || follower == null
                                    ? core.now()
                                    : follower.heardNanos();
                        });
        return core.now() - heard < limit
                ? null
                : "too few of the voters that would be left, "
                        + target.voters()
                        + ", were heard within the election timeout to commit anything";
    }

    private void enter(Membership from, Membership to) {
        append(differsInOneVoter(from, to) ? to : joint(from, to));
    }

    private static boolean differsInOneVoter(Membership from, Membership to) {
        int differences = 0;
        for (ReplicaId voter : from.voters()) {
            differences += to.voters().contains(voter) ? 0 : 1;
        }
        for (ReplicaId voter : to.voters()) {
            differences += from.voters().contains(voter) ? 0 : 1;
        }
        return differences <= 1;
    }

    private static Membership joint(Membership from, Membership to) {
        return new Membership(to.voters(), from.voters(), to.learners(), to.joining());
    }

    private static Membership left(Membership joint) {
        return new Membership(joint.voters(), List.of(), joint.learners(), joint.joining());
    }

    private void append(Membership next) {
        leader.append(EntryKind.CONFIGURATION, MembershipFormat.encode(next));
        followers.follow();
    }

    // ---- as time goes on ----

    /** Called once per heartbeat: who joins and has caught up becomes a voter. */
    void onHeartbeat() {
        followCatchUps();
        if (busy() != null) {
            return;
        }
        tellWhoAsked();
        Membership current = core.membership();
        ChangePlan plan = new ChangePlan(current, node -> null, this::hasCaughtUp);
        boolean any = false;
        for (ReplicaId joiner : current.joining()) {
            if (hasCaughtUp(joiner) && plan.mayVote(joiner)) {
                plan.promote(joiner);
                any = true;
            }
        }
        if (any) {
            enter(current, plan.target());
        }
    }

    private void followCatchUps() {
        List<ReplicaId> learners = core.membership().learners();
        catchUps.removeIf(known -> !learners.contains(known.learner.replica));
        for (CatchUp known : catchUps) {
            known.advance(core);
        }
        for (ReplicaId learner : learners) {
            Progress follower = followers.of(learner);
            if (follower != null && catchUpOf(learner) == null) {
                catchUps.add(new CatchUp(follower, core));
            }
        }
    }

    private @Nullable CatchUp catchUpOf(ReplicaId learner) {
        for (CatchUp known : catchUps) {
            if (known.learner.replica.equals(learner)) {
                return known;
            }
        }
        return null;
    }

    private boolean hasCaughtUp(ReplicaId learner) {
        CatchUp known = catchUpOf(learner);
        return known != null && known.isDone();
    }

    /**
     * Does what the committed configuration asks for: leaves a joint one, tells who asked for the
     * change, and lets a leader go that is no voter any more.
     *
     * @return whether this leader has stepped down
     */
    boolean advance() {
        Configurations.At current = core.configurations.current();
        if (current.index() > core.commits.committed() || !leader.hasCommittedInItsTerm()) {
            return false;
        }
        if (current.membership().isJoint()) {
            if (!leader.isHandingOver()) {
                append(left(current.membership()));
            }
            return false;
        }
        tellWhoAsked();
        return !current.membership().isVoter(core.self) && retire();
    }

    /** Called when no change is under way. */
    private void tellWhoAsked() {
        if (asked) {
            asked = false;
            Configurations.At made = core.configurations.current();
            core.outbox.add(new Effect.ChangeDone(askedId, made.index(), made.membership()));
        }
    }

    /** Whether no change is under way or wanted, and nobody joins. */
    boolean isIdle() {
        return !asked && busy() == null && core.membership().joining().isEmpty();
    }

    boolean isRetiring() {
        return retiringNanos != RaftCore.NO_DEADLINE;
    }

    /**
     * A leader that isn't a voter any more takes nothing new, commits what it has taken, and tells
     * the freshest voter to campaign (§4.2.2). It needn't see that one win: it is of no use here.
     */
    private boolean retire() {
        if (!isRetiring()) {
            retiringNanos = core.now();
        }
        boolean tailCommitted = core.commits.committed() == core.log.lastIndex();
        long patience = core.options.electionTimeout().toNanos();
        if (!tailCommitted && core.now() - retiringNanos < patience) {
            return false;
        }
        Progress successor = followers.freshestVoter(null);
        if (successor != null) {
            leader.askToCampaign(successor.replica);
        }
        core.becomeFollower(core.term());
        return true;
    }
}
