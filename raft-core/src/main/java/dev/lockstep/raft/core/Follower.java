package dev.lockstep.raft.core;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.AppendRejected;
import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.InstallPosition;
import dev.lockstep.raft.message.InstallSnapshot;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.ReadIndexReply;
import dev.lockstep.raft.message.RequestReadIndex;
import dev.lockstep.raft.message.RequestSleep;
import dev.lockstep.raft.message.Resignation;
import dev.lockstep.raft.message.SleepReply;
import dev.lockstep.raft.message.StateReport;
import dev.lockstep.raft.message.StateVerdict;
import dev.lockstep.raft.message.TimeoutNow;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.StateHash;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes the leader's entries and acknowledges them once they are durable; campaigns when no leader
 * is heard.
 */
final class Follower extends Behaviour {
    private final ElectionTimer timer;
    private final Presence presence;

    /** When a hint that the leader is gone is to be followed; null when there is none. */
    private @Nullable ElectionTimer hinted;

    /** Nobody else is about to campaign, but the others may not be ready to answer yet. */
    private boolean founding;

    /**
     * Up to here this log is known to equal that of the term's leader. The own tail beyond it may
     * conflict, so it is neither committed nor acknowledged, whatever the leader's commit index is.
     */
    private long verified;

    /** Whether it waits for no leader, since it agreed with it on everything. */
    private boolean asleep;

    /** Who waits for an acknowledgement of all that is verified; null when nobody does. */
    private @Nullable ReplicaId acknowledgeTo;

    Follower(RaftCore core) {
        super(core);
        timer = new ElectionTimer(core);
        presence = new Presence(core);
    }

    @Override
    Role role() {
        return Role.FOLLOWER;
    }

    @Override
    long deadlineNanos() {
        if (asleep) {
            return RaftCore.NO_DEADLINE;
        }
        long next = Math.min(timer.deadlineNanos(), presence.deadlineNanos());
        next = Math.min(next, core.repair.deadlineNanos());
        return hinted == null ? next : Math.min(next, hinted.deadlineNanos());
    }

    @Override
    void onEnter() {
        Membership membership = core.membership();
        if (!membership.isJoint() && membership.voters().equals(List.of(core.self))) {
            timer.hurry(); // no leader but this server itself can exist
        }
    }

    @Override
    void hurryElection() {
        timer.hurry();
        founding = true;
    }

    @Override
    void onDisconnected(NodeId peer) {
        if (core.hint.disconnected(peer) && core.hint.mayHurry()) {
            hinted = new ElectionTimer(core);
            hinted.postpone(core.hint.activeNanos());
        }
    }

    @Override
    void onConnected(NodeId peer) {
        presence.hurry();
    }

    @Override
    void onDeadline() {
        if (presence.deadlineNanos() <= core.now()) {
            presence.tell();
        }
        if (core.repair.deadlineNanos() <= core.now()) {
            core.repair.ask();
        }
        if (hinted != null && hinted.deadlineNanos() <= core.now()) {
            hinted = null;
            if (core.hint.isActive() && !core.promises.hold() && !core.repair.isNeeded()) {
                core.hint.hurried();
                campaign();
                return;
            }
        }
        if (timer.deadlineNanos() > core.now()) {
            return;
        }
        if (core.promises.hold()) {
            timer.postpone(core.promises.untilNanos());
            return;
        }
        timer.restart();
        campaign();
    }

    @Override
    void onStoodStill() {
        timer.restartSoon();
    }

    private void campaign() {
        if (core.repair.isNeeded()) {
            return; // it could serve nobody with what it can't read
        }
        if (core.configurations.mayCampaign(core.self, core.commits.committed())) {
            core.become(founding ? Candidate.first(core) : Candidate.asking(core));
        } else if (presence.isMember()) {
            presence.tell(); // a learner that nobody feeds may have been removed unawares
        }
    }

    @Override
    void onVoteGranted() {
        timer.restart();
    }

    @Override
    void onMessage(ReplicaId from, Message message) {
        if (message instanceof AppendEntries append) {
            onAppendEntries(from, append);
        } else if (message instanceof Heartbeat heartbeat) {
            onHeartbeat(from, heartbeat);
        } else if (message instanceof RequestSleep request) {
            onRequestSleep(from, request);
        } else if (message instanceof InstallSnapshot offer) {
            onInstallSnapshot(from, offer);
        } else if (message instanceof InstallPosition offer) {
            onInstallPosition(from, offer.meta());
        } else if (message instanceof ReadIndexReply reply) {
            onReadIndexReply(reply);
        } else if (message instanceof TimeoutNow) {
            // A learner that was asked by mistake stays one, and so does a witness.
            boolean mayLead = core.membership().isVoter(core.self) && !core.self.isWitness();
            if (mayLead && !core.repair.isNeeded()) {
                Candidate.campaignFor(core, true);
            }
        } else if (message instanceof Resignation) {
            if (from.equals(core.leader())) {
                core.leaderIsCutOff(true);
                timer.restartSoon();
            }
        } else if (message instanceof StateVerdict verdict && from.equals(core.leader())) {
            core.states.judged(verdict);
        } else if (message instanceof RequestReadIndex request) {
            super.onRead(new Ticket(from, request.id()), request.byLease());
        } else if (message instanceof ForwardProposal forward) {
            super.onPropose(new Ticket(from, forward.id()), forward.kind(), forward.payload());
        }
    }

    private void onAppendEntries(ReplicaId from, AppendEntries append) {
        hear(from);
        if (append.previous().index() >= core.log.base().index()
                && !core.log.holds(append.previous())) {
            core.outbox.send(
                    from,
                    new AppendRejected(
                            core.term(),
                            append.previous().index(),
                            core.log.lastAtOrBefore(append.previous())));
            return;
        }
        if (!take(append.entries())) {
            return;
        }
        long agreed = core.diskIsFull() ? agreed(append) : append.lastIndex();
        verified = Math.max(verified, agreed);
        core.commits.commitTo(Math.min(append.commit(), agreed));
        acknowledgeTo = from;
    }

    /** Up to where an append is in this log, of which only a part may have been taken. */
    private long agreed(AppendEntries append) {
        long last = append.lastIndex();
        for (int i = append.entries().size() - 1;
                i >= 0
                        && last > core.log.base().index()
                        && !core.log.holds(append.entries().get(i).position());
                i--) {
            last--;
        }
        return last;
    }

    /**
     * Adds what is missing. Entries that are here already stay, so a delayed append drops nothing
     * (§3.5). While the disk is full nothing is added: the leader sends it again.
     */
    private boolean take(List<Entry> entries) {
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (entry.index() <= core.log.base().index()) {
                continue; // compacted, so committed, so the same
            }
            if (core.log.termAt(entry.index()) == entry.term()) {
                continue;
            }
            if (core.diskIsFull()) {
                return true;
            }
            if (entry.index() <= core.log.lastIndex()) {
                core.truncateFrom(entry.index());
                if (core.fault() != null) {
                    return false;
                }
            }
            if ((entry.kind() == EntryKind.CONFIGURATION && !understands(entry))
                    || !isOfOwnKind(entry)) {
                return false;
            }
            core.log.append(entry);
        }
        return true;
    }

    /**
     * What this log holds of the leader's is committed up to its snapshot, so nothing needs to be
     * fetched; or up to where the leader's log begins, so that can go on from here; else it is.
     */
    private void onInstallSnapshot(ReplicaId from, InstallSnapshot offer) {
        hear(from);
        LogPosition position = offer.position();
        long here = Math.min(core.commits.committed(), core.repair.soundUpTo());
        if (needsNothingUpTo(position)) {
            verified = Math.max(verified, position.index());
            core.commits.commitTo(position.index());
            acknowledgeTo = from;
        } else if (here >= offer.base()) {
            verified = Math.max(verified, here);
            acknowledgeTo = from;
        } else {
            core.snapshots.fetch.onOffer(from, offer);
        }
    }

    private boolean needsNothingUpTo(LogPosition position) {
        boolean isSound = position.index() <= core.repair.soundUpTo();
        return !core.snapshots.isNeeded(position) || (core.log.holds(position) && isSound);
    }

    /** A snapshot was installed, which only the leader's log can go on from. */
    void installed(long index) {
        verified = Math.max(verified, index);
        acknowledgeTo = core.leader();
    }

    /** More of the log can be acknowledged: damage was repaired, or there is room on the disk. */
    void acknowledgeAgain() {
        acknowledgeTo = core.leader();
    }

    /** The same without the state, for a witness; {@link Snapshots} makes it durable first. */
    private void onInstallPosition(ReplicaId from, SnapshotMeta meta) {
        hear(from);
        LogPosition position = meta.position();
        if (needsNothingUpTo(position)) {
            verified = Math.max(verified, position.index());
            core.commits.commitTo(position.index());
            acknowledgeTo = from;
        } else if (core.self.isWitness()) {
            core.snapshots.store(meta);
        }
    }

    /**
     * Whoever acknowledges an entry holds it as its kind of replica does: a full one with its
     * payload, a witness without, or the leader would count on what isn't there.
     */
    private boolean isOfOwnKind(Entry entry) {
        boolean ofWitnesses = entry.kind() == EntryKind.POSITION;
        boolean own =
                entry.kind() == EntryKind.CONFIGURATION || ofWitnesses == core.self.isWitness();
        if (!own) {
            core.halt(
                    new Fault(
                            Fault.Code.BUG,
                            core.self
                                    + (ofWitnesses
                                            ? " is a full replica, and was sent only the position of "
                                            : " is a witness, and was sent the whole of ")
                                    + entry.position()
                                    + ". It has stopped before that entry and acknowledged nothing of it; nothing that it"
                                    + " holds is lost. Please report it with the log of its leader."));
        }
        return own;
    }

    private boolean understands(Entry configuration) {
        String refusal = Configurations.refusal(configuration);
        if (refusal != null) {
            core.halt(
                    new Fault(
                            Fault.Code.INCOMPATIBLE_VERSION,
                            core.self
                                    + " can't read the configuration in entry "
                                    + configuration.position()
                                    + ": "
                                    + refusal
                                    + ". Without it this replica doesn't know who votes, so it has stopped before that entry;"
                                    + " nothing that it holds is lost. Run the version that its leader runs."));
        }
        return refusal == null;
    }

    /**
     * A heartbeat names nothing beyond what its sender was told, in this term, to be durable here;
     * and within a term nothing of that is ever dropped.
     */
    private boolean isReverted(long acknowledged) {
        boolean reverted =
                acknowledged > core.log.lastIndex() && core.membership().contains(core.self);
        if (reverted) {
            core.halt(
                    new Fault(
                            Fault.Code.LOG_REVERTED,
                            core.self
                                    + " has acknowledged entries up to "
                                    + acknowledged
                                    + " in term "
                                    + core.term()
                                    + ", and its log ends at "
                                    + core.log.last()
                                    + ": its directory was replaced by an older copy, so votes and entries that it"
                                    + " acknowledged are gone, and it must not act as a voter. Nothing was changed. Start"
                                    + " from the directory that it had last; if that is lost, start from an empty one and"
                                    + " replace the node by a change of the membership."));
        }
        return reverted;
    }

    private void onHeartbeat(ReplicaId from, Heartbeat heartbeat) {
        if (isReverted(heartbeat.commit())) {
            return;
        }
        hear(from);
        core.leaderIsCutOff(heartbeat.cutOff());
        commitTo(heartbeat.commit());
        core.outbox.send(
                from,
                new HeartbeatReply(
                        core.term(),
                        heartbeat.round(),
                        core.promises.give(),
                        core.health.stalledMillis(),
                        core.options.electionPriority()));
    }

    /**
     * Takes over the leader's commit index as far as this log is known to be the leader's. An entry
     * of the leader's own term is the leader's, and so is all before it; this tells a follower that
     * verified nothing, since it was reopened or campaigned, what is committed while the leader has
     * nothing to send.
     */
    private void commitTo(long index) {
        boolean ours = core.log.termAt(index) == core.term();
        core.commits.commitTo(ours ? index : Math.min(index, verified));
    }

    // ---- sleep ----

    /**
     * The leader has committed all of its log. Who agrees with it on everything, and has nothing to
     * do, needs not be told any more that it lives.
     */
    private void onRequestSleep(ReplicaId from, RequestSleep request) {
        if (isReverted(request.last().index())) {
            return;
        }
        hear(from);
        asleep = agrees(request.last());
        core.outbox.send(from, new SleepReply(core.term(), request.attempt(), asleep));
    }

    private boolean agrees(LogPosition last) {
        return core.log.last().equals(last)
                && core.commits.applied() == last.index()
                && core.durableIndex() == last.index()
                && core.termIsDurable()
                && core.health.isIdle()
                && core.snapshots.isIdle()
                && !core.isLeaderCutOff()
                && !core.repair.isNeeded()
                && acknowledgeTo == null
                && presence.isMember();
    }

    @Override
    boolean isAsleep() {
        return asleep;
    }

    /**
     * Its leader is told, since it may sleep and send nothing. One that is gone doesn't hear it;
     * then this replica campaigns when its time has come, as ever.
     */
    @Override
    void onUse(@Nullable ReplicaId by, boolean byClient) {
        ReplicaId leader = core.leader();
        if (asleep && leader != null) {
            asleep = false;
            core.vouchForLeader();
            timer.restart();
            if (!leader.equals(by)) {
                core.outbox.send(leader, new SleepReply(core.term(), 0, false));
            }
        }
    }

    /**
     * Not all campaign at once, and who does asks first: whoever hears the leader, or doesn't
     * suspect its host, refuses.
     */
    @Override
    void onSuspected(NodeId host) {
        ReplicaId leader = core.leader();
        if (asleep && leader != null && leader.node().equals(host)) {
            asleep = false;
            core.leaderIsCutOff(true);
            timer.restartSoon();
        }
    }

    private void hear(ReplicaId from) {
        core.heardLeader(from);
        timer.restart();
        hinted = null;
    }

    @Override
    void onPropose(Ticket ticket, EntryKind kind, Payload payload) {
        ReplicaId leader = core.leader();
        if (leader == null || ticket.origin() != null) {
            super.onPropose(ticket, kind, payload);
        } else {
            core.outbox.add(
                    new Effect.Forward(
                            ticket,
                            leader,
                            new ForwardProposal(core.term(), ticket.id(), kind, payload)));
        }
    }

    @Override
    void onRead(Ticket ticket, boolean byLease) {
        ReplicaId leader = core.leader();
        if (leader == null) {
            super.onRead(ticket, byLease);
        } else {
            core.outbox.send(leader, new RequestReadIndex(core.term(), ticket.id(), byLease));
        }
    }

    private void onReadIndexReply(ReadIndexReply reply) {
        if (!reply.granted()) {
            core.outbox.add(new Effect.ReadRefused(reply.id()));
            return;
        }
        // The index is committed; to know it here saves the read the wait for the next heartbeat.
        commitTo(reply.index());
        core.outbox.add(new Effect.ReadReady(reply.id(), reply.index()));
    }

    @Override
    void onStateHash(StateHash hash) {
        ReplicaId leader = core.leader();
        if (leader != null) {
            core.outbox.send(leader, new StateReport(core.term(), hash));
        }
    }

    @Override
    void beforeDrain() {
        if (acknowledgeTo != null) {
            core.outbox.sendDurably(
                    acknowledgeTo,
                    new AppendAccepted(
                            core.term(),
                            Math.min(
                                    Math.min(verified, core.repair.soundUpTo()),
                                    core.writableLast().index()),
                            core.health.acknowledgedStallMillis()));
            acknowledgeTo = null;
        }
    }
}
