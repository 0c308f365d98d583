package dev.lockstep.raft.core;

import dev.lockstep.raft.message.FoundingState;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Before the group exists. The initial voters tell each other their incarnations; the first of
 * them, by name, makes the list and draws the group's UUID; each makes the list durable and
 * confirms it; who has everyone's confirmation goes on as a follower.
 *
 * <p>Nobody votes, acknowledges or campaigns earlier, and who holds a list accepts no other. So the
 * first start waits for all, every later one for a majority, and servers that were wiped can't
 * found the group a second time. A replica that comes to a complete founding which doesn't name it
 * follows as an outsider, until it is made a member. One that began anew, since its disk lost what
 * it had promised, can do nothing else: it may have founded the group before.
 */
final class FoundingRole extends Behaviour {
    /** Who was heard and holds nothing yet, this replica included. */
    private final TreeMap<NodeId, ReplicaId> newcomers = new TreeMap<>();

    /**
     * Who durably holds the same founding as this replica, this replica included once its disk says
     * so.
     */
    private final TreeMap<NodeId, ReplicaId> confirmed = new TreeMap<>();

    private long nextRoundNanos;

    /**
     * Between rounds; grows while nothing changes, so that thousands of groups can wait at once.
     */
    private long waitNanos;

    FoundingRole(RaftCore core) {
        super(core);
        hurry();
        if (core.founding.mayFound()) {
            newcomers.put(core.self.node(), core.self);
        }
        if (core.founding.held() != null) {
            confirmed.put(core.self.node(), core.self); // recovered from disk, hence durable
        }
    }

    @Override
    Role role() {
        return Role.FOUNDING;
    }

    @Override
    long deadlineNanos() {
        return nextRoundNanos;
    }

    @Override
    void onDeadline() {
        nextRoundNanos = core.now() + waitNanos;
        waitNanos = Math.min(2 * waitNanos, core.options.electionTimeout().toNanos());
        found();
        finish();
        for (NodeId node : core.founding.initialNodes()) {
            tell(node);
        }
    }

    @Override
    void onConnected(NodeId peer) {
        tell(peer);
    }

    @Override
    void onMessage(ReplicaId from, Message message) {
        throw new AssertionError("a founding replica takes founding messages only");
    }

    @Override
    void onFoundingState(ReplicaId from, FoundingState theirs) {
        Founding held = core.founding.held();
        if (theirs.founding() == null) {
            if (held == null) {
                onNewcomer(from, theirs);
            }
        } else if (held == null) {
            adopt(from, theirs.founding());
        } else if (!held.sameAs(theirs.founding())) {
            mismatch(from, "it holds another founding, " + theirs.founding());
        } else {
            confirmed.put(from.node(), from);
            if (theirs.founding().complete()) {
                complete();
                return;
            }
            finish();
        }
        super.onFoundingState(from, theirs);
    }

    @Override
    void onDurable() {
        // Nothing but a founding is made durable in this role, so this is what the disk confirms.
        confirmed.put(core.self.node(), core.self);
        finish();
    }

    private void onNewcomer(ReplicaId from, FoundingState theirs) {
        if (theirs.initialNodes().equals(core.founding.initialNodes())) {
            newcomers.put(from.node(), from);
            found();
        } else if (isFounder() && theirs.initialNodes().contains(from.node())) {
            mismatch(from, "it was told that the founders are " + theirs.initialNodes());
        }
    }

    /** The first of the founders makes the list, once it knows everyone's incarnation. */
    private void found() {
        List<NodeId> nodes = core.founding.initialNodes();
        if (core.founding.held() == null
                && core.self.node().equals(nodes.get(0))
                && newcomers.keySet().containsAll(nodes)) {
            UUID uuid = new UUID(core.random.nextLong(), core.random.nextLong());
            List<ReplicaId> voters = nodes.stream().map(newcomers::get).toList();
            String refusal = WitnessBound.refusal(voters, List.of());
            if (refusal != null) {
                core.halt(
                        new Fault(
                                Fault.Code.FOUNDING_MISMATCH,
                                core.self
                                        + " can't found its group: "
                                        + refusal
                                        + ". Nothing was founded. Open the group on more founders"
                                        + " with a state machine, in empty directories."));
                return;
            }
            hold(new Founding(uuid, Membership.ofVoters(voters), false));
        }
    }

    private void adopt(ReplicaId from, Founding theirs) {
        ReplicaId listed = theirs.initial().on(core.self.node());
        if (core.self.equals(listed) && theirs.complete()) {
            core.halt(
                    new Fault(
                            Fault.Code.LOG_REVERTED,
                            core.self
                                    + " once confirmed to hold the founding of its group, and holds none now: its directory"
                                    + " was replaced by an older copy, so votes and entries that it acknowledged are gone, and"
                                    + " it must not act as a voter. Nothing was changed. Start from the directory that it had"
                                    + " last. Told by "
                                    + from
                                    + "."));
        } else if (core.self.equals(listed)) {
            hold(new Founding(theirs.uuid(), theirs.initial(), false));
        } else if (theirs.complete()) {
            comeFromOutside(theirs);
        } else if (listed != null) {
            core.news.warn(listed); // not final: the founding may be complete elsewhere
        } else if (isFounder()) {
            mismatch(
                    from,
                    "it holds a founding that this node has no part in, "
                            + theirs.initial().voters());
        }
    }

    private boolean isFounder() {
        return core.founding.mayFound() && core.founding.initialNodes().contains(core.self.node());
    }

    /**
     * The group exists, and this replica isn't of it: it follows, and has no vote, until a change
     * of the membership makes it a member.
     */
    private void comeFromOutside(Founding theirs) {
        core.founding.hold(theirs);
        core.configurations.begin(0, theirs.initial());
        core.outbox.foundingChanged();
        core.becomeFollower(core.term());
    }

    private void hold(Founding founding) {
        core.founding.hold(founding);
        core.configurations.begin(0, founding.initial());
        core.outbox.foundingChanged();
        // Told to all at once, after it is durable; a message that gets lost is repeated at the
        // next round.
        hurry();
    }

    /** A round is due now, and others soon after. */
    private void hurry() {
        nextRoundNanos = core.now();
        waitNanos = core.options.heartbeatInterval().toNanos();
    }

    private void finish() {
        Founding held = core.founding.held();
        if (held != null && confirmed.values().containsAll(held.initial().voters())) {
            complete();
        }
    }

    private void complete() {
        core.founding.complete();
        core.outbox.foundingChanged();
        for (NodeId node : core.founding.initialNodes()) {
            tell(node);
        }
        core.becomeFollower(core.term());
        if (core.self.equals(firstLeader())) {
            core.behaviour().hurryElection();
        }
    }

    /** Drawn from the group's UUID, so that the groups of a host begin with leaders everywhere. */
    private @Nullable ReplicaId firstLeader() {
        List<ReplicaId> mayLead = new ArrayList<>();
        for (ReplicaId voter : core.membership().voters()) {
            if (!voter.isWitness()) {
                mayLead.add(voter);
            }
        }
        Founding held = core.founding.held();
        return held == null || mayLead.isEmpty()
                ? null
                : mayLead.get(Math.floorMod(held.uuid().hashCode(), mayLead.size()));
    }

    private void tell(NodeId node) {
        if (!node.equals(core.self.node())) {
            // Before the founding the peer's incarnation may be unknown; messages are routed by
            // node.
            ReplicaId peer = newcomers.getOrDefault(node, anyOn(node));
            core.outbox.sendDurably(peer, core.founding.state(false));
        }
    }

    /** Whoever lives there: messages are routed by node. */
    static ReplicaId anyOn(NodeId node) {
        return new ReplicaId(node, UNKNOWN);
    }

    private static final UUID UNKNOWN = new UUID(0, 0);

    private void mismatch(ReplicaId from, String what) {
        core.halt(
                new Fault(
                        Fault.Code.FOUNDING_MISMATCH,
                        core.self
                                + " was told that the founders are "
                                + core.founding.initialNodes()
                                + " and holds "
                                + core.founding.held()
                                + "; "
                                + from
                                + " differs: "
                                + what
                                + ". No entry was ever acknowledged here. Give all founders the same peers; where an attempt to"
                                + " found the group was interrupted and a founder's directory lost, empty the directories of"
                                + " all founders and start again."));
    }
}
