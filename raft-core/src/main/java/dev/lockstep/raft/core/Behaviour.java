package dev.lockstep.raft.core;

import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.FoundingState;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.ReadIndexReply;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.model.StateHash;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a replica does in one role; a new one for each time that the role is taken up. */
abstract sealed class Behaviour permits FoundingRole, Follower, Candidate, Leader {
    final RaftCore core;

    Behaviour(RaftCore core) {
        this.core = core;
    }

    abstract Role role();

    /** When {@link #onDeadline} is due. */
    abstract long deadlineNanos();

    abstract void onDeadline();

    /** Whether it waits for no time, since all agree and trust that who leads will go on. */
    boolean isAsleep() {
        return false;
    }

    /** Whether it leads in its sleep, and those of that host didn't agree to it. */
    boolean sleepsWithout(NodeId host) {
        return false;
    }

    /**
     * The group is used, so whoever sleeps wakes.
     *
     * @param by whose message it is; null when it is none
     * @param byClient whether a client asks for something
     */
    void onUse(@Nullable ReplicaId by, boolean byClient) {}

    /** Somebody's host isn't there any more, or says that it doesn't lead this group. */
    void onSuspected(NodeId host) {}

    /** A message of the current term, or one that is outside of terms. */
    abstract void onMessage(ReplicaId from, Message message);

    /** Who can't append says so, and nothing was done. */
    void onPropose(Ticket ticket, EntryKind kind, Payload payload) {
        core.outbox.add(new Effect.Refused(ticket, Effect.Refused.Reason.NO_LEADER));
    }

    /**
     * Who can't confirm a leader says so, to the client of this host or to the replica that asked.
     *
     * @param byLease whether a leader that has a lease may answer at once
     */
    void onRead(Ticket ticket, boolean byLease) {
        if (ticket.origin() == null) {
            core.outbox.add(new Effect.ReadRefused(ticket.id()));
        } else {
            core.outbox.send(
                    ticket.origin(), new ReadIndexReply(core.term(), ticket.id(), false, 0));
        }
    }

    private String notLeading() {
        ReplicaId leader = core.leader();
        return core.self.node()
                + " does not lead; "
                + (leader == null ? "no leader is known here" : "ask " + leader.node());
    }

    void onTransfer(long id, @Nullable NodeId target) {
        core.outbox.add(new Effect.TransferAborted(id, notLeading()));
    }

    void onChangeMembership(long id, MembershipChange change) {
        core.outbox.add(new Effect.ChangeRefused(id, notLeading()));
    }

    /** Who asks is told of the founding; a complete one has nothing to learn from an answer. */
    void onFoundingState(ReplicaId from, FoundingState state) {
        if (core.founding.agreesWith(state.founding())) {
            core.outsiders.heard(from);
        }
        if (!state.answer()) {
            core.outbox.sendDurably(from, core.founding.state(true));
        }
    }

    /** This replica has a hash to compare. */
    void onStateHash(StateHash hash) {}

    /** A member needs a copy of an entry that stands before this log. */
    void onTooOld(ReplicaId from) {}

    /** An entry of this log is damaged. */
    void onDamaged() {}

    void onEnter() {}

    void onLeave() {}

    void onConnected(NodeId peer) {}

    /** An append, perhaps of an earlier term, was not sent. */
    void onUnsent(ReplicaId to, AppendEntries append) {}

    void onResign() {}

    /** Nobody's silence counts that long. */
    void onStoodStill() {}

    void onDisconnected(NodeId peer) {}

    void onDurable() {}

    void onVoteGranted() {}

    /** Nobody else is about to campaign: no need to wait the timeout out. */
    void hurryElection() {}

    /**
     * @param entries those that are still this log's; maybe none
     */
    void onLoaded(long from, List<Entry> entries) {}

    /** The last chance to add effects for all events since the last drain. */
    void beforeDrain() {}
}
