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
import dev.lockstep.raft.message.SleepReply;
import dev.lockstep.raft.message.StateReport;
import dev.lockstep.raft.message.TimeoutNow;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.LogRoom;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.model.StateHash;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Orders the commands of its term, replicates them, commits what a quorum of disks holds, and
 * confirms to readers that it still leads.
 */
final class Leader extends Behaviour {
    private final Followers followers;
    private final LogTime time;
    private final Reconfiguration reconfiguration;
    private final ReadQueue reads = new ReadQueue();
    private final LeaseKeeper leases;
    private final Handover handover;
    private final StateComparison comparison;
    private final Witnesses witnesses;
    private final Slumber slumber;
    private final long term;
    private long uncommittedBytes;
    private long nextHeartbeatNanos;
    private @Nullable Transfer transfer;

    Leader(RaftCore core) {
        super(core);
        term = core.term();
        followers = new Followers(core, reads);
        time = new LogTime(core.log.newestTimestampMillis(), core.now());
        reconfiguration = new Reconfiguration(core, this, followers);
        leases = new LeaseKeeper(core, followers, reads);
        handover = new Handover(core, followers);
        comparison = new StateComparison(core);
        witnesses = new Witnesses(core, followers);
        slumber = new Slumber(core, this, followers);
    }

    @Override
    Role role() {
        return Role.LEADER;
    }

    Followers followers() {
        return followers;
    }

    Witnesses witnesses() {
        return witnesses;
    }

    // ---- its term ----

    @Override
    void onEnter() {
        // Entries of earlier terms commit only with one of this term (§3.6.2), and no read may run
        // before (§6.4).
        append(EntryKind.NO_OP, Payload.EMPTY);
        nextHeartbeatNanos = core.now() + core.options.heartbeatInterval().toNanos();
    }

    @Override
    void onLeave() {
        for (Ticket read : reads.abandon()) {
            super.onRead(read, false);
        }
        if (transfer != null && core.term() == term) {
            transfer.abort(core); // a later term is the successor's, or so one may hope
        }
        for (Event event : slumber.takePostponed(true)) {
            if (event instanceof Event.Transfer asked) {
                super.onTransfer(asked.id(), asked.target());
            } else if (event instanceof Event.ChangeMembership asked) {
                super.onChangeMembership(asked.id(), asked.change());
            }
        }
    }

    @Override
    long deadlineNanos() {
        return slumber.isAsleep() ? RaftCore.NO_DEADLINE : nextHeartbeatNanos;
    }

    @Override
    boolean isAsleep() {
        return slumber.isAsleep();
    }

    @Override
    boolean sleepsWithout(NodeId host) {
        return slumber.isAsleep() && slumber.leavesOut(host);
    }

    @Override
    void onUse(@Nullable ReplicaId by, boolean byClient) {
        if (slumber.used(byClient)) {
            nextHeartbeatNanos = core.now();
        }
    }

    /** Whether it has nothing to do for anybody, and is asked for nothing. */
    boolean isIdle() {
        return transfer == null && reads.isEmpty() && reconfiguration.isIdle();
    }

    @Override
    void onDeadline() {
        nextHeartbeatNanos = core.now() + core.options.heartbeatInterval().toNanos();
        if (followers.silenceNanos() >= core.options.electionTimeout().toNanos()) {
            onResign(); // a successor may lead already (§6.2)
            return;
        }
        if (transfer != null && transfer.isOver(core)) {
            transfer.abort(core);
            transfer = null;
        }
        long patience = core.options.electionTimeout().toNanos() / 2;
        for (Progress follower : followers) {
            if (follower.isStuck(core.now(), patience)) {
                follower.probeAgain();
            } else if (core.isReachable(follower.replica.node())) {
                follower.tryAgain();
            }
        }
        if (transfer == null) {
            Progress successor = handover.successor();
            if (successor != null) {
                onTransfer(Handover.UNASKED, successor.replica.node());
            }
        }
        if (core.health.diskIsUnknown() && !core.diskIsFull()) {
            core.outbox.probeDisk();
        } else if (slumber.takesTheirPlace()) {
            return;
        }
        leases.onHeartbeat();
        sendHeartbeats();
        followers.sayFarewell();
        reconfiguration.onHeartbeat();
    }

    private void sendHeartbeats() {
        leases.sent();
        boolean cutOff = followers.silenceNanos() >= core.options.electionTimeout().toNanos() / 2;
        for (Progress follower : followers) {
            if (follower.isReplaced()) {
                continue;
            }
            // Not the whole commit index: beyond its match the follower's log may still differ.
            long commit = Math.min(core.commits.committed(), follower.match());
            core.outbox.send(
                    follower.replica, new Heartbeat(core.term(), commit, reads.round(), cutOff));
        }
    }

    @Override
    void onStoodStill() {
        followers.excuseSilence();
    }

    /** Tells those whom it still reaches, who would refuse to elect another for its sake. */
    @Override
    void onResign() {
        core.outbox.resign(followers);
        core.becomeFollower(core.term());
    }

    /** Who can't read all of its log leads nobody. */
    @Override
    void onDamaged() {
        onResign();
    }

    @Override
    void onTooOld(ReplicaId from) {
        Progress follower = followers.of(from);
        if (follower != null) {
            core.snapshots.offer(follower, followers);
        }
    }

    @Override
    void onTransfer(long id, @Nullable NodeId target) {
        if (slumber.postpones(new Event.Transfer(id, target))) {
            return;
        }
        if (transfer != null) {
            core.outbox.add(new Effect.TransferAborted(id, "another transfer is under way"));
        } else {
            transfer = Transfer.begin(core, this, id, target);
        }
    }

    @Override
    void onChangeMembership(long id, MembershipChange change) {
        if (!slumber.postpones(new Event.ChangeMembership(id, change))) {
            reconfiguration.change(id, change);
        }
    }

    /** Now it is known who is there. */
    private void takeUpPostponed() {
        for (Event event : slumber.takePostponed(false)) {
            if (event instanceof Event.Transfer asked) {
                onTransfer(asked.id(), asked.target());
            } else if (event instanceof Event.ChangeMembership asked) {
                onChangeMembership(asked.id(), asked.change());
            }
        }
    }

    long uncommittedBytes() {
        return uncommittedBytes;
    }

    /** Whether somebody else is to lead soon, so that nothing new is begun here. */
    boolean isHandingOver() {
        return transfer != null || reconfiguration.isRetiring();
    }

    // ---- proposals ----

    @Override
    void onPropose(Ticket ticket, EntryKind kind, Payload payload) {
        if (isHandingOver()) {
            super.onPropose(
                    ticket, kind,
                    payload); // the successor's to append; or this leader's, if none takes over
            return;
        }
        if (core.diskIsFull()) {
            core.outbox.add(new Effect.Refused(ticket, Effect.Refused.Reason.DISK_FULL));
            return;
        }
        if (isOverloadedBy((long) Entry.OVERHEAD_BYTES + payload.size())) {
            core.outbox.add(new Effect.Refused(ticket, Effect.Refused.Reason.OVERLOADED));
            return;
        }
        core.outbox.add(new Effect.Admitted(ticket, append(kind, payload).position()));
    }

    private boolean isOverloadedBy(long weight) {
        long unapplied = core.commits.unappliedBytes();
        return core.room() == LogRoom.AT_BOUND
                || uncommittedBytes > 0
                        && uncommittedBytes + weight > core.options.maxUncommittedBytes()
                || unapplied > 0 && unapplied + weight > core.options.maxUnappliedBytes();
    }

    Entry append(EntryKind kind, Payload payload) {
        long timestamp = time.next(core.log.newestTimestampMillis(), core.wallMillis(), core.now());
        Entry entry = new Entry(core.term(), core.log.lastIndex() + 1, kind, timestamp, payload);
        core.log.append(entry);
        uncommittedBytes += entry.weightBytes();
        int every = core.options.compareStateEvery();
        if (every > 0 && entry.index() % every == 0 && kind != EntryKind.COMPARE_STATE) {
            append(EntryKind.COMPARE_STATE, Payload.EMPTY); // at the same places in every term
        }
        return entry;
    }

    @Override
    void onStateHash(StateHash hash) {
        comparison.report(core.self, hash);
    }

    // ---- replication ----

    @Override
    void onMessage(ReplicaId from, Message message) {
        if (message instanceof ForwardProposal forward) {
            onPropose(new Ticket(from, forward.id()), forward.kind(), forward.payload());
        } else if (message instanceof StateReport report) {
            comparison.report(from, report.hash());
        } else if (message instanceof RequestReadIndex request) {
            onRead(new Ticket(from, request.id()), request.byLease());
        } else if (message instanceof AppendEntries
                || message instanceof Heartbeat
                || message instanceof RequestSleep
                || message instanceof InstallSnapshot
                || message instanceof InstallPosition) {
            core.halt(
                    new Fault(
                            Fault.Code.BUG,
                            from
                                    + " and "
                                    + core.self
                                    + " both lead in term "
                                    + core.term()
                                    + ". Some voter has voted twice, so committed entries may be lost. Stopped here; compare"
                                    + " the members' logs and files before going on."));
        } else {
            Progress follower = followers.of(from);
            if (follower
                    != null) { // the answers of others, an earlier incarnation among them, count
                // nothing
                onAnswer(follower, message);
            }
        }
    }

    private void onAnswer(Progress follower, Message message) {
        follower.heard(core.now());
        if (message instanceof AppendAccepted accepted) {
            follower.health(accepted.stalledMillis());
            if (accepted.match() <= core.log.lastIndex()) {
                follower.accepted(accepted.match(), core.now());
                advanceCommit();
            }
        } else if (message instanceof AppendRejected rejected) {
            follower.rejected(rejected.previous(), core.log.agreement(rejected.hint()));
        } else if (message instanceof HeartbeatReply reply) {
            follower.confirmed(Math.min(reply.round(), reads.round()));
            followers.answered(follower, reply.round());
            leases.promised(follower, reply);
            follower.health(reply.stalledMillis());
            follower.priority(reply.priority());
            answerReads();
        } else if (message instanceof SleepReply reply) {
            slumber.onReply(follower, reply);
        }
    }

    @Override
    void onDisconnected(NodeId peer) {
        if (transfer != null && !transfer.canSucceed(core)) {
            transfer.abort(core);
            transfer = null;
        }
    }

    @Override
    void onUnsent(ReplicaId to, AppendEntries append) {
        Progress follower = followers.of(to);
        if (follower != null && append.term() == term) {
            follower.unsent(append.previous().index() + 1);
        }
    }

    @Override
    void onConnected(NodeId peer) {
        if (slumber.leavesOut(peer)) {
            onUse(null, false);
        }
        for (Progress follower : followers) {
            if (follower.replica.node().equals(peer)) {
                follower.probeAgain();
            }
        }
    }

    @Override
    void onDurable() {
        advanceCommit();
    }

    @Override
    void onLoaded(long from, List<Entry> entries) {
        for (Progress follower : followers) {
            long end = witnesses.end(follower);
            // When none are left, they are asked for again.
            if (follower.loaded(from) && !entries.isEmpty() && from <= end) {
                sendEntries(follower, firstOf(entries, end));
            }
        }
    }

    /** What was read for the state machine may be more than one message takes. */
    private List<Entry> firstOf(List<Entry> entries, long last) {
        int end = 1;
        long bytes = entries.get(0).weightBytes();
        while (end < entries.size()
                && entries.get(end).index() <= last
                && bytes + entries.get(end).weightBytes() <= core.options.maxAppendBytes()) {
            bytes += entries.get(end).weightBytes();
            end++;
        }
        return entries.subList(0, end);
    }

    @Override
    void beforeDrain() {
        takeUpPostponed();
        if (reconfiguration.advance()) {
            return;
        }
        if (reads.hasFresh() && hasCommittedInItsTerm()) {
            reads.seal(core.commits.committed());
            sendHeartbeats();
            answerReads();
        }
        witnesses.look();
        for (Progress follower : followers) {
            replicateTo(follower);
        }
        if (transfer != null) {
            transfer.advance(core, this);
        }
    }

    private void replicateTo(Progress follower) {
        if (follower.next() <= core.log.base().index()) {
            core.snapshots.offer(follower, followers);
            return;
        }
        long end = witnesses.end(follower);
        while (follower.hasRoom(core.options) && (follower.isProbing() || follower.next() <= end)) {
            long from = follower.next();
            if (from > end) {
                sendEntries(follower, List.of());
            } else if (core.log.caches(from)) {
                if (!Batching.isEnough(core.log.bytesFrom(from), follower, core.options)) {
                    return;
                }
                sendEntries(follower, core.log.cached(from, end, core.options.maxAppendBytes()));
            } else {
                follower.loading(from);
                core.outbox.add(new Effect.Load(from, core.options.maxAppendBytes()));
            }
        }
    }

    private void sendEntries(Progress follower, List<Entry> ofLog) {
        List<Entry> entries = Witnesses.kept(follower, ofLog);
        long previous = follower.next() - 1;
        LogPosition at =
                previous == 0
                        ? LogPosition.ZERO
                        : new LogPosition(core.log.termAt(previous), previous);
        core.outbox.send(
                follower.replica,
                new AppendEntries(core.term(), at, entries, core.commits.committed()));
        follower.sent(entries, core.now());
    }

    // ---- commit ----

    /**
     * What a quorum of disks holds is committed, if it is of this term (§3.6.2); the own disk
     * counts as any other.
     */
    private void advanceCommit() {
        long held = followers.reached(core.durableIndex(), Progress::match);
        long committed = core.commits.committed();
        if (held > committed && core.log.termAt(held) == core.term()) {
            core.commits.commitTo(held);
            for (long index = committed + 1; index <= held; index++) {
                if (core.log.termAt(index) == core.term()) {
                    uncommittedBytes -= core.log.cached(index).weightBytes();
                }
            }
        }
    }

    // ---- reads ----

    @Override
    void onRead(Ticket ticket, boolean byLease) {
        Lease lease = byLease ? leases.lease() : null;
        if (lease != null && hasCommittedInItsTerm()) {
            answer(ticket, core.commits.committed(), lease);
        } else if (reads.isFull()) {
            super.onRead(ticket, byLease);
        } else {
            reads.add(ticket);
        }
    }

    /** The only way to ask somebody: who was asked is bound by no promise. */
    void askToCampaign(ReplicaId replica) {
        leases.revoke();
        core.outbox.send(replica, new TimeoutNow(core.term()));
    }

    private void answerReads() {
        if (reads.isWaiting()) {
            long round = followers.reached(Long.MAX_VALUE, Progress::confirmedRound);
            reads.confirmed(round, this::answer);
        }
    }

    private void answer(ReadQueue.Sealed sealed) {
        for (Ticket read : sealed.reads()) {
            answer(read, sealed.index(), null);
        }
    }

    private void answer(Ticket read, long index, @Nullable Lease lease) {
        if (read.origin() == null) {
            core.outbox.add(new Effect.ReadReady(read.id(), index, lease));
        } else {
            core.outbox.send(
                    read.origin(), new ReadIndexReply(core.term(), read.id(), true, index));
        }
    }

    /** Only then is its commit index known to be the group's (§6.4). */
    boolean hasCommittedInItsTerm() {
        return core.log.termAt(core.commits.committed()) == core.term();
    }
}
