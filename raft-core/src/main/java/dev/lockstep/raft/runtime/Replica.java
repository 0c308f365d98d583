package dev.lockstep.raft.runtime;

import dev.lockstep.raft.core.Effect;
import dev.lockstep.raft.core.Event;
import dev.lockstep.raft.core.Lease;
import dev.lockstep.raft.core.RaftCore;
import dev.lockstep.raft.core.SnapshotWork;
import dev.lockstep.raft.core.Ticket;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.EntryCopy;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.ProposalReply;
import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.LogRoom;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.PeerProgress;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.model.WrittenLog;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.RaftMetrics;
import dev.lockstep.raft.spi.ReadLevel;
import dev.lockstep.raft.spi.ReplicaWrite;
import dev.lockstep.raft.spi.StateMachine;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives one core: brings it events, and carries its effects out, in the order in which they come.
 * Everything here runs in the host's loop, but for what says otherwise.
 */
final class Replica implements Effect.Runner {
    private static final Logger LOG = LoggerFactory.getLogger(Replica.class);

    private final GroupId group;
    private final long key;
    private final RaftCore core;
    private final HostLoop host;
    private final EntryLoader loader;
    private final EventLoop endLoop;
    private final Applier applier;
    private final Proposals proposals;
    private final GroupHandle handle;
    private final Reads reads;
    private final SessionExpiry sessionExpiry;
    private final Administration administration;
    private final RaftOptions options;
    private final Announcer announcer;
    private final GroupView view;
    private final ReplicaSnapshots snapshots;

    private final SyncGate gate = new SyncGate();
    private final LogWriter.Lane lane = new LogWriter.Lane();

    /** The proposals of each batch that the state machine hasn't answered. */
    private final ArrayDeque<@Nullable Proposal[]> applying = new ArrayDeque<>();

    /** Appends that the transport has not taken since the last drain. */
    private final List<Event.Unsent> unsent = new ArrayList<>();

    private long handedIndex;
    private Role role = Role.FOLLOWER;
    private @Nullable ReplicaId leader;

    /** When the batch at hand ends. */
    private long batchNanos;

    /** Before it, what nobody took is not offered again. */
    private long retryNanos;

    private final Alarm alarm;

    /** Null where nothing is measured. */
    private final @Nullable ReplicaMeter meter;

    private boolean closed;

    /** Owned by {@link HostLoop#touch}. */
    boolean touched;

    /** Owned by {@link HostWatch}. */
    int watchedOn;

    private boolean asleep;

    /** Which host it trusts while it sleeps; null when it leads itself, or doesn't sleep. */
    private @Nullable NodeId trusted;

    /** What was known of connections when it fell asleep. */
    private int connectionNews;

    Replica(
            GroupId group,
            RaftCore core,
            HostLoop host,
            LogStore store,
            EventLoop readLoop,
            EventLoop snapshotLoop,
            EventLoop receiveLoop,
            StateMachine machine,
            @Nullable OwnState own,
            GroupHandle handle,
            RaftOptions options,
            RaftListener listener) {
        this.group = group;
        this.key = group.key();
        this.core = core;
        this.host = host;
        this.loader = new EntryLoader(group, store, readLoop, host);
        this.endLoop = handle.endLoop();
        this.options = options;
        this.view = handle.view();
        this.announcer = new Announcer(group, core.self(), view, listener);
        this.alarm = new Alarm(host, () -> step(Event.Wake.INSTANCE));
        this.meter =
                host.metrics() == RaftMetrics.NONE
                        ? null
                        : new ReplicaMeter(group, host.clock(), host.metrics());
        this.administration =
                new Administration(host, options, endLoop::execute, core.self(), this::step);
        this.proposals =
                new Proposals(
                        options.heartbeatInterval().dividedBy(2),
                        handle::retryAfter,
                        handle.pendingBytes(),
                        handle::drawId);
        this.handle = handle;
        this.reads = new Reads(handle.drawId());
        this.applier =
                new Applier(
                        group,
                        machine,
                        own,
                        handle.applyLoop(),
                        index -> host.post(() -> applied(index)),
                        fault -> host.post(() -> fail(fault)),
                        hash -> host.post(() -> step(new Event.Hashed(hash))),
                        host.clock(),
                        host.metrics());
        this.sessionExpiry =
                new SessionExpiry(
                        options,
                        applier,
                        expire -> host.post(() -> handle.proposeExpiry(this, expire)));
        this.snapshots =
                new ReplicaSnapshots(
                        group,
                        this,
                        host,
                        applier,
                        store.snapshots(),
                        snapshotLoop,
                        receiveLoop,
                        readLoop,
                        listener);
    }

    /** Before anything else: the state machine begins where the newest snapshot ends. */
    void restore(SnapshotMeta snapshot) {
        handedIndex = snapshot.position().index();
        snapshots.begin(snapshot, () -> view.applied(snapshot.position().index()));
    }

    long key() {
        return key;
    }

    // ---- events ----

    void propose(Proposal proposal) {
        proposals.add(proposal);
        endIfStopped();
        host.touch(this);
    }

    void read(PendingRead read, ReadLevel level) {
        if (core.self().isWitness()) {
            NotDone why =
                    new NotDone(
                            NotDone.Reason.WITNESS,
                            core.self()
                                    + " is a witness of group "
                                    + group
                                    + ", which has no state; ask another host");
            endLoop.execute(() -> read.fail(why));
            return;
        }
        if (level instanceof ReadLevel.Local) { // even of a replica that has stopped
            reads.running(read);
            applier.query(read);
        } else {
            reads.add(read, level);
            endIfStopped();
        }
        host.touch(this); // so that its deadline is watched
    }

    private void endIfStopped() {
        if (core.fault() != null) {
            end(halted(core.fault()));
        }
    }

    private static NotDone halted(Fault fault) {
        return new NotDone(NotDone.Reason.HALTED, "this replica has stopped: " + fault);
    }

    void awaitLeader(CompletableFuture<NodeId> future) {
        administration.awaitLeader(future);
        administration.leaderIs(role, leader);
        endIfStopped();
    }

    void transfer(@Nullable NodeId target, Transfers.Waiting waiting) {
        administration.transfer(target, waiting);
        endIfStopped();
    }

    void change(MembershipChange change, CompletableFuture<Configuration> future) {
        administration.change(change, future, core.fault());
    }

    /** A snapshot of all that is applied here by now. */
    void snapshot(SnapshotWaiters.Waiter who) {
        snapshots.want(core.appliedIndex(), who);
        endIfStopped();
    }

    boolean leads() {
        return role == Role.LEADER;
    }

    void receive(ReplicaId from, Message message) {
        if (trusted != null && host.watch().isSuspected(trusted)) {
            suspects(trusted); // or it would refuse a vote for the sake of its leader
        }
        if (message instanceof ProposalReply reply) {
            if (proposals.replied(from, reply, endLoop::execute, host.clock().nanoTime())) {
                retryLater(); // or it would be sent to and fro until another leader is known
            }
            host.touch(this);
        } else if (message instanceof EntryCopy copy && !loader.isCopy(copy.entry())) {
            LOG.warn(
                    "{} sent {} another entry {} of {} than this log held; it isn't used",
                    from,
                    core.self(),
                    copy.entry().position(),
                    group);
        } else {
            if (meter != null) {
                meter.received(from, message);
            }
            step(new Event.Received(from, message));
        }
    }

    void connection(NodeId peer, boolean there) {
        if (!there && meter != null) {
            meter.disconnected(peer);
        }
        step(there ? new Event.Connected(peer) : new Event.Disconnected(peer));
    }

    // ---- sleep ----

    boolean isAsleep() {
        return asleep;
    }

    boolean sleepsWithout(NodeId host) {
        return core.sleepsWithout(host);
    }

    long term() {
        return core.term();
    }

    boolean leadsIn(long term) {
        return core.role() == Role.LEADER && core.term() == term;
    }

    /** Whether it sleeps in that term and trusts that a replica of that host leads it. */
    boolean trusts(NodeId leaderHost, long term) {
        return leaderHost.equals(trusted) && core.term() == term;
    }

    /** The host that it trusts is gone, or doesn't lead it. */
    void suspects(NodeId leaderHost) {
        step(new Event.Suspected(leaderHost));
    }

    private void sleepChanged() {
        asleep = !asleep;
        announcer.sleeps(asleep);
        if (asleep) {
            connectionNews = host.connectionNews();
            ReplicaId leading = core.leader();
            if (leading != null && !leading.equals(core.self())) {
                trusted = leading.node();
                host.watch().slept(this, trusted);
            }
            return;
        }
        endTrust();
        if (connectionNews != host.connectionNews()) {
            host.connections().forEach(this::connection);
        }
    }

    private void endTrust() {
        if (trusted != null) {
            host.watch().woke(this, trusted);
            trusted = null;
        }
    }

    void fail(Fault fault) {
        step(new Event.Failed(fault));
    }

    void applied(long index) {
        proposals.finished(applying.removeFirst());
        view.applied(index);
        step(new Event.Applied(index));
    }

    private void persisted(SyncGate.Pass done) {
        List<Effect.Send> released = gate.open(done);
        if (closed || core.fault() != null) {
            return; // nothing leaves a replica that has stopped
        }
        for (int i = 0; i < released.size(); i++) {
            sendNow(released.get(i));
        }
        step(new Event.Persisted(done.token));
    }

    void step(Event event) {
        if (!closed) {
            try {
                long now = host.clock().nanoTime();
                long wallMillis = host.clock().wallMillis();
                if (core.deadlineNanos() <= now - options.electionTimeout().toNanos() / 2) {
                    core.step(now, wallMillis, new Event.StoodStill());
                }
                core.step(now, wallMillis, event);
            } catch (RuntimeException | Error e) {
                broken(e);
            }
            if (core.isAsleep() != asleep) {
                sleepChanged();
            }
            host.touch(this);
        }
    }

    /** A bug in one group's core stops that group; its neighbours live on. */
    private void broken(Throwable bug) {
        LOG.error("{} on {} broke one of its own rules", group, core.self(), bug);
        Fault fault =
                new Fault(
                        Fault.Code.BUG,
                        "group "
                                + group
                                + " on "
                                + core.self()
                                + " broke one of its own rules: "
                                + bug
                                + ". Nothing that it acknowledged is undone. Please report it with the log.");
        core.step(host.clock().nanoTime(), host.clock().wallMillis(), new Event.Failed(fault));
    }

    // ---- the end of a batch ----

    /** Offers what clients want to the core, and carries out what the core wants. */
    void drain() {
        if (closed) {
            return;
        }
        long now = host.clock().nanoTime();
        batchNanos = now;
        handle.measureDrain(proposals.refusedBytes(), now);
        if (!unsent.isEmpty()) {
            unsent.forEach(this::step);
            unsent.clear();
        }
        expire(now);
        sessionExpiry.drain(now, host.clock().wallMillis());
        offer(now);
        try {
            core.drainEffects(this);
        } catch (RuntimeException | Error e) {
            broken(e);
            core.drainEffects(this); // its end, and nothing else
        }
        reads.run(handedIndex, applier::query);
        updateView();
        if (meter != null) {
            meter.committedUpTo(core.commitIndex(), now);
        }
        announcer.runsOnWitness(core.runsOnWitness());
        if (core.isAsleep() != asleep) { // it may have stopped while its effects were drained
            sleepChanged();
        }
        arm(now);
    }

    private void updateView() {
        view.update(core, proposals.unfinished());
    }

    /** What this replica knows of the others, with the view at the same moment. */
    List<PeerProgress> peers() {
        updateView();
        return core.peers(host.clock().nanoTime());
    }

    private void expire(long now) {
        if (proposals.deadlineNanos() <= now) {
            proposals.expire(now);
        }
        if (!reads.isEmpty() && reads.deadlineNanos() <= now) {
            reads.expire(now, (read, why) -> endLoop.execute(() -> read.fail(why)));
        }
    }

    private void offer(long now) {
        if (leader == null || now < retryNanos) {
            return;
        }
        proposals.resume(now);
        proposals.repeatUnanswered(now - options.electionTimeout().toNanos());
        proposals.offerAll(
                proposal ->
                        step(
                                new Event.Propose(
                                        Ticket.local(proposal.id),
                                        proposal.kind,
                                        proposal.payload())));
        if (role != Role.LEADER) {
            reads.askAgain(now - options.electionTimeout().toNanos() / 2);
        }
        if (reads.hasFresh()) {
            reads.ask(now, this::step);
        }
    }

    private void arm(long now) {
        long deadline = Math.min(core.deadlineNanos(), proposals.deadlineNanos());
        if (!reads.isEmpty()) {
            deadline = Math.min(deadline, reads.deadlineNanos());
        }
        if (reads.isAsking()) {
            deadline = Math.min(deadline, now + options.electionTimeout().toNanos() / 2);
        }
        if (leader != null && proposals.oldestSentNanos() != Long.MAX_VALUE) {
            long repeat = proposals.oldestSentNanos() + options.electionTimeout().toNanos();
            deadline = Math.min(deadline, Math.max(Math.max(repeat, retryNanos), now + 1));
        }
        deadline = Math.min(deadline, sessionExpiry.deadlineNanos());
        if (leader != null && proposals.resumeNanos() != Long.MAX_VALUE) {
            deadline = Math.min(deadline, Math.max(proposals.resumeNanos(), retryNanos));
        }
        if (leader != null && (proposals.isWaiting() || reads.hasFresh())) {
            deadline = Math.min(deadline, Math.max(retryNanos, now + 1));
        }
        alarm.setFor(deadline);
    }

    // ---- effects ----

    @Override
    public void persist(Effect.Persist effect) {
        SyncGate.Pass pending = gate.persist(effect.token());
        ReplicaWrite write =
                new ReplicaWrite(
                        group,
                        effect.founding(),
                        effect.hardState(),
                        effect.truncateFrom(),
                        effect.base(),
                        effect.copies(),
                        effect.entries());
        host.write(
                new LogWriter.Job(
                        write,
                        lane,
                        lane.told(),
                        batchNanos,
                        () -> persisted(pending),
                        this::unwritten));
    }

    /** The disk had no room for a write, and took none that followed. */
    private void unwritten(WrittenLog log) {
        lane.tell();
        gate.clear();
        step(new Event.Unwritten(log));
    }

    /** What room this host has from now on, and why so little. */
    void roomChanged(LogRoom room, @Nullable Fault diskFull) {
        view.diskFull(diskFull);
        step(new Event.RoomChanged(room));
    }

    @Override
    public void send(Effect.Send effect) {
        if (!effect.afterPersist() || !gate.holdsBack(effect)) {
            sendNow(effect);
        }
    }

    private void sendNow(Effect.Send effect) {
        if (!send(effect.to(), effect.message())
                && effect.message() instanceof AppendEntries append) {
            unsent.add(new Event.Unsent(effect.to(), append));
        }
    }

    private boolean send(ReplicaId to, Message message) {
        boolean sent = host.transport().send(to.node(), new Envelope(key, core.self(), message));
        if (sent && meter != null) {
            meter.sent(to, message);
        }
        return sent;
    }

    @Override
    public void apply(Effect.Apply effect) {
        List<Entry> entries = effect.entries();
        handedIndex = entries.get(entries.size() - 1).index();
        @Nullable Proposal[] waiting = proposals.takeFor(entries);
        applying.addLast(waiting);
        applier.apply(entries, waiting);
    }

    @Override
    public void load(Effect.Load effect) {
        long from = effect.from();
        long termThen = core.termAt(from);
        loader.load(
                effect,
                entries -> step(new Event.Loaded(from, entries)),
                why -> notLoaded(from, termThen, why));
    }

    /** What has left the log since it was asked for needs not be there; anything else must be. */
    private void notLoaded(long from, long termThen, Throwable why) {
        if (from < core.firstIndex() || core.termAt(from) != termThen) {
            step(new Event.Loaded(from, List.of()));
        } else if (isDamage(why)) {
            step(new Event.Damaged(new LogPosition(termThen, from), damage(termThen, from, why)));
        } else {
            fail(LogWriter.faultOf(why));
        }
    }

    private static boolean isDamage(Throwable why) {
        return why instanceof StorageException named
                ? named.fault().code() == Fault.Code.LOG_CORRUPT
                        || named.fault().code() == Fault.Code.LOG_GAP
                : why instanceof IOException;
    }

    private Fault damage(long term, long index, Throwable why) {
        return new Fault(
                Fault.Code.LOG_CORRUPT,
                "entry "
                        + term
                        + ":"
                        + index
                        + " of group "
                        + group
                        + " can't be read on "
                        + core.self()
                        + ": "
                        + why
                        + ". It is asked for at the other members; until a copy is here this replica votes, but"
                        + " doesn't lead, acknowledge or apply from there on. If that lasts, look whether the"
                        + " others run; and check this disk.");
    }

    @Override
    public void admitted(Effect.Admitted effect) {
        if (meter != null) {
            meter.admitted(effect.at(), batchNanos);
        }
        ReplicaId origin = effect.ticket().origin();
        if (origin == null) {
            proposals.admitted(effect.at());
        } else {
            proposals.admittedFor(answerTo(origin, effect.ticket()), effect.at());
        }
    }

    @Override
    public void refused(Effect.Refused effect) {
        Effect.Refused.Reason reason = effect.reason();
        ReplicaId origin = effect.ticket().origin();
        if (origin == null) {
            if (reason == Effect.Refused.Reason.NO_LEADER) {
                retryLater(); // the others are told at once, and say nothing of the next one
            }
            proposals.refused(reason, host.clock().nanoTime());
        } else {
            ReplyCompletion completion = answerTo(origin, effect.ticket());
            switch (reason) {
                case NO_LEADER -> completion.notLeader();
                case OVERLOADED -> completion.notDone(proposals.overloaded());
                case DISK_FULL -> completion.notDone(Proposals.diskFull());
            }
        }
    }

    @Override
    public void forward(Effect.Forward effect) {
        boolean sent = send(effect.leader(), effect.message());
        if (!sent) {
            retryLater();
        }
        proposals.forwarded(effect.leader(), sent, host.clock().nanoTime());
    }

    private ReplyCompletion answerTo(ReplicaId origin, Ticket ticket) {
        return new ReplyCompletion(
                ticket.id(),
                reply ->
                        host.post(
                                () -> {
                                    if (!closed && core.term() > 0) {
                                        send(origin, reply.in(core.term()));
                                        host.touch(this); // so that the network is flushed
                                    }
                                }));
    }

    @Override
    public void readReady(Effect.ReadReady effect) {
        Lease lease = effect.lease();
        reads.ready(
                effect.id(),
                effect.index(),
                read -> lease == null ? null : new LeaseCheck(lease, host.clock(), again(read)));
    }

    private Runnable again(PendingRead read) {
        return () -> host.post(() -> read(read, ReadLevel.LINEARIZABLE));
    }

    @Override
    public void readRefused(Effect.ReadRefused effect) {
        retryLater();
        reads.refused(effect.id());
    }

    @Override
    public void transferAborted(Effect.TransferAborted effect) {
        administration.transferAborted(effect);
    }

    @Override
    public void snapshots(Effect.Snapshots effect) {
        if (effect.work() instanceof SnapshotWork.Restore restore) {
            handedIndex = restore.meta().position().index();
            proposals.passedBy(handedIndex);
            applying.addLast(new Proposal[0]);
        }
        effect.work().runOn(snapshots);
    }

    void sendChunk(ReplicaId to, SnapshotChunk chunk) {
        if (!closed && core.fault() == null) {
            send(to, chunk);
            host.touch(this); // so that the network is flushed
        }
    }

    @Override
    public void changeDone(Effect.ChangeDone effect) {
        administration.changeDone(effect);
    }

    @Override
    public void changeRefused(Effect.ChangeRefused effect) {
        administration.changeRefused(effect, role == Role.LEADER ? null : leader);
    }

    @Override
    public void configurationChanged(Effect.ConfigurationChanged effect) {
        announcer.configurationChanged(
                new Configuration(effect.index(), effect.membership(), effect.committed()));
    }

    @Override
    public void warned(Effect.Warned effect) {
        announcer.warned(effect.fault());
    }

    @Override
    public void statesDiffer(Effect.StatesDiffer effect) {
        announcer.statesDiffer(effect.index(), effect.evidence());
    }

    private void retryLater() {
        retryNanos = host.clock().nanoTime() + options.heartbeatInterval().toNanos() / 2;
    }

    @Override
    public void roleChanged(Effect.RoleChanged effect) {
        if (role == Role.LEADER && effect.role() != Role.LEADER) {
            proposals.leadershipLost(core.commitIndex());
            administration.leadershipLost();
        }
        if (meter != null) {
            meter.roleChanged();
        }
        role = effect.role();
        sessionExpiry.leads(role == Role.LEADER, host.clock().nanoTime());
        leader = effect.leader();
        proposals.leaderChanged(leader);
        reads.askAgain(Long.MAX_VALUE); // the former leader's answer may never come
        retryNanos = host.clock().nanoTime(); // what waited for a leader may be offered at once
        announcer.roleChanged(role, effect.term(), leader);
        administration.leaderIs(role, leader);
    }

    @Override
    public void halt(Effect.Halt effect) {
        Fault fault = effect.fault();
        role = Role.HALTED;
        leader = null;
        announcer.halted(fault, core.term()); // first, so that who is told finds it in the status
        end(halted(fault));
    }

    /** Ends what waits here and takes part in nothing any more. */
    void close() {
        end(
                new NotDone(
                        NotDone.Reason.CLOSED,
                        "group " + group + " was closed on this host; nothing was done"));
        if (leads()) { // nobody took over: the others needn't wait until they miss this one
            step(new Event.Resign());
            core.drainEffects(this);
        }
        closed = true;
        endTrust();
        alarm.cancel();
        host.remove(this);
    }

    private void end(NotDone why) {
        proposals.endAll(why);
        reads.endAll(read -> endLoop.execute(() -> read.fail(why)));
        snapshots.endAll(why);
        administration.endAll(why);
    }
}
