package dev.lockstep.raft.runtime;

import dev.lockstep.raft.core.Effect;
import dev.lockstep.raft.core.Event;
import dev.lockstep.raft.core.Lease;
import dev.lockstep.raft.core.RaftCore;
import dev.lockstep.raft.core.Ticket;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.ProposalReply;
import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.RaftListener;
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
    private final LogStore store;
    private final EventLoop readLoop;
    private final EventLoop endLoop;
    private final Applier applier;
    private final Proposals proposals;
    private final Reads reads;
    private final SessionExpiry sessionExpiry;
    private final Transfers transfers = new Transfers();
    private final Changes changes;
    private final RaftOptions options;
    private final RaftListener listener;
    private final GroupView view;

    private final SyncGate gate = new SyncGate();

    /** The proposals of each batch that the state machine hasn't answered. */
    private final ArrayDeque<@Nullable Proposal[]> applying = new ArrayDeque<>();

    private long handedIndex;
    private Role role = Role.FOLLOWER;
    private @Nullable ReplicaId leader;

    /** Before it, what nobody took is not offered again. */
    private long retryNanos;

    private final List<CompletableFuture<NodeId>> awaitingLeader = new ArrayList<>();
    private long armedNanos = Long.MAX_VALUE;
    private EventLoop.Cancellation armed = () -> {};
    private boolean closed;

    /** Owned by {@link HostLoop#touch}. */
    boolean touched;

    Replica(
            GroupId group,
            RaftCore core,
            HostLoop host,
            LogStore store,
            EventLoop readLoop,
            StateMachine machine,
            GroupHandle handle,
            RaftOptions options,
            RaftListener listener) {
        this.group = group;
        this.key = group.key();
        this.core = core;
        this.host = host;
        this.store = store;
        this.readLoop = readLoop;
        this.endLoop = handle.endLoop();
        this.options = options;
        this.listener = listener;
        this.view = handle.view();
        this.changes = new Changes(endLoop::execute);
        this.proposals =
                new Proposals(options.heartbeatInterval(), handle.pendingBytes(), handle::drawId);
        this.reads = new Reads(handle.drawId());
        this.applier =
                new Applier(
                        group,
                        machine,
                        handle.applyLoop(),
                        index -> host.post(() -> applied(index)),
                        fault -> host.post(() -> fail(fault)),
                        hash -> host.post(() -> step(new Event.Hashed(hash))));
        this.sessionExpiry =
                new SessionExpiry(
                        options,
                        applier,
                        expire -> host.post(() -> handle.proposeExpiry(this, expire)));
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
        if (level instanceof ReadLevel.Local) { // even of a replica that has stopped
            reads.running(read);
            applier.query(read.question, read);
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
        awaitingLeader.add(future);
        tellLeader();
        endIfStopped();
    }

    void transfer(@Nullable NodeId target, Transfers.Waiting waiting) {
        long id = transfers.add(waiting);
        step(new Event.Transfer(id, target));
        endIfStopped();
        // Who has stepped down for a successor learns of it when it leads; it may never.
        long patience = 2 * options.electionTimeout().toNanos();
        EventLoop.Cancellation unused =
                host.loop()
                        .at(
                                host.clock().nanoTime() + patience,
                                () -> transfers.aborted(id, "no successor was seen in time"));
    }

    void change(MembershipChange change, CompletableFuture<Configuration> future) {
        long id = changes.add(future);
        if (core.fault() != null) {
            changes.refused(id, "this replica has stopped: " + core.fault());
            return;
        }
        step(new Event.ChangeMembership(id, change));
        EventLoop.Cancellation unused =
                host.loop()
                        .at(
                                host.clock().nanoTime() + options.proposalTimeout().toNanos(),
                                () -> changes.unknown(id, "the deadline passed"));
    }

    boolean leads() {
        return role == Role.LEADER;
    }

    private void tellLeader() {
        if (leader != null) {
            NodeId node = leader.node();
            if (role != Role.LEADER) {
                transfers.succeeded(node);
            }
            awaitingLeader.forEach(future -> endLoop.execute(() -> future.complete(node)));
            awaitingLeader.clear();
        }
    }

    void receive(ReplicaId from, Message message) {
        if (message instanceof ProposalReply reply) {
            if (proposals.replied(from, reply, endLoop::execute)) {
                retryLater(); // or it would be sent to and fro until another leader is known
            }
            host.touch(this);
        } else {
            step(new Event.Received(from, message));
        }
    }

    void connected(NodeId peer) {
        step(new Event.Connected(peer));
    }

    void fail(Fault fault) {
        step(new Event.Failed(fault));
    }

    void applied(long index) {
        proposals.finished(applying.removeFirst());
        view.applied(index);
        step(new Event.Applied(index));
    }

    void wake() {
        armedNanos = Long.MAX_VALUE;
        step(Event.Wake.INSTANCE);
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

    private void step(Event event) {
        if (!closed) {
            try {
                core.step(host.clock().nanoTime(), host.clock().wallMillis(), event);
            } catch (RuntimeException | Error e) {
                broken(e);
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
        expire(now);
        sessionExpiry.drain(now, host.clock().wallMillis());
        offer(now);
        try {
            core.drainEffects(this);
        } catch (RuntimeException | Error e) {
            broken(e);
            core.drainEffects(this); // its end, and nothing else
        }
        reads.run(handedIndex, read -> applier.query(read.question, read));
        view.update(core);
        arm(now);
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
        proposals.repeatUnanswered(now - options.electionTimeout().toNanos());
        proposals.offerAll(
                proposal ->
                        step(
                                new Event.Propose(
                                        Ticket.local(proposal.id),
                                        proposal.kind,
                                        proposal.payload)));
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
        if (leader != null && (proposals.isWaiting() || reads.hasFresh())) {
            deadline = Math.min(deadline, Math.max(retryNanos, now + 1));
        }
        // Deadlines mostly move away; then the timer that is set already fires early, once, and is
        // set again.
        if (deadline < armedNanos) {
            armed.cancel();
            armedNanos = deadline;
            armed = host.loop().at(deadline, () -> host.post(this::wake));
        }
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
                        effect.entries());
        host.write(new LogWriter.Job(write, () -> persisted(pending)));
    }

    @Override
    public void send(Effect.Send effect) {
        if (!effect.afterPersist() || !gate.holdsBack(effect)) {
            sendNow(effect);
        }
    }

    private boolean sendNow(Effect.Send effect) {
        return send(effect.to(), effect.message());
    }

    private boolean send(ReplicaId to, Message message) {
        return host.transport().send(to.node(), new Envelope(key, core.self(), message));
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
        readLoop.execute(
                () -> {
                    try {
                        List<Entry> entries = store.read(group, from, effect.maxBytes());
                        host.post(() -> step(new Event.Loaded(from, entries)));
                    } catch (IOException | RuntimeException | Error e) {
                        host.post(() -> notLoaded(from, termThen, e));
                    }
                });
    }

    /** What has left the log since it was asked for needs not be there; anything else must be. */
    private void notLoaded(long from, long termThen, Throwable why) {
        if (core.termAt(from) != termThen) {
            step(new Event.Loaded(from, List.of()));
        } else {
            fail(LogWriter.faultOf(why));
        }
    }

    @Override
    public void admitted(Effect.Admitted effect) {
        ReplicaId origin = effect.ticket().origin();
        if (origin == null) {
            proposals.admitted(effect.at());
        } else {
            proposals.admittedFor(
                    new ReplyCompletion(effect.ticket().id(), reply -> reply(origin, reply)),
                    effect.at());
        }
    }

    @Override
    public void refused(Effect.Refused effect) {
        Effect.Refused.Reason reason = effect.reason();
        ReplicaId origin = effect.ticket().origin();
        if (origin == null) {
            retryLater();
            proposals.refused(reason);
        } else {
            ReplyCompletion completion =
                    new ReplyCompletion(effect.ticket().id(), reply -> reply(origin, reply));
            switch (reason) {
                case NO_LEADER -> completion.notLeader();
                case OVERLOADED -> completion.notDone(proposals.overloaded());
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

    private void reply(ReplicaId origin, ReplyCompletion.Reply reply) {
        host.post(
                () -> {
                    if (!closed && core.term() > 0) {
                        send(origin, reply.in(core.term()));
                        host.touch(this); // so that the network is flushed
                    }
                });
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
        transfers.aborted(effect.id(), effect.reason());
    }

    @Override
    public void changeDone(Effect.ChangeDone effect) {
        changes.done(effect.id(), new Configuration(effect.index(), effect.membership(), true));
    }

    @Override
    public void changeRefused(Effect.ChangeRefused effect) {
        String who = leader == null || role == Role.LEADER ? "" : "; " + leader.node() + " does";
        changes.refused(effect.id(), effect.reason() + who);
    }

    @Override
    public void configurationChanged(Effect.ConfigurationChanged effect) {
        Configuration configuration =
                new Configuration(effect.index(), effect.membership(), effect.committed());
        LOG.info("{} on {}: {}", group, core.self(), configuration);
        view.configurationChanged(configuration);
        listener.configurationChanged(group, configuration);
    }

    @Override
    public void warned(Effect.Warned effect) {
        Fault fault = effect.fault();
        if (fault != null) {
            LOG.warn("{} on {} goes on as an outsider: {}", group, core.self(), fault);
        }
        view.warned(fault);
        listener.warned(group, fault);
    }

    @Override
    public void statesDiffer(Effect.StatesDiffer effect) {
        LOG.error("{}: replicas differ at index {}: {}", group, effect.index(), effect.evidence());
        listener.statesDiffer(group, effect.index(), effect.evidence());
    }

    private void retryLater() {
        retryNanos = host.clock().nanoTime() + options.heartbeatInterval().toNanos() / 2;
    }

    @Override
    public void roleChanged(Effect.RoleChanged effect) {
        if (role == Role.LEADER && effect.role() != Role.LEADER) {
            proposals.leadershipLost(core.commitIndex());
            changes.allUnknown(core.self() + " lost its leadership");
        }
        role = effect.role();
        sessionExpiry.leads(role == Role.LEADER, host.clock().nanoTime());
        leader = effect.leader();
        proposals.leaderChanged(leader);
        reads.askAgain(Long.MAX_VALUE); // the former leader's answer may never come
        retryNanos = host.clock().nanoTime(); // what waited for a leader may be offered at once
        NodeId leaderNode = leader == null ? null : leader.node();
        LOG.info(
                "{} on {}: {} in term {}, leader {}",
                group,
                core.self(),
                role,
                effect.term(),
                leaderNode);
        view.roleChanged(role, effect.term(), leader);
        tellLeader();
        listener.roleChanged(group, role, effect.term(), leaderNode);
    }

    @Override
    public void halt(Effect.Halt effect) {
        Fault fault = effect.fault();
        LOG.error("{} on {} has stopped: {}", group, core.self(), fault);
        role = Role.HALTED;
        leader = null;
        view.halted(fault, core.term());
        end(halted(fault));
        listener.halted(group, fault);
    }

    /** Ends what waits here and takes part in nothing any more. */
    void close() {
        end(
                new NotDone(
                        NotDone.Reason.CLOSED,
                        "group " + group + " was closed on this host; nothing was done"));
        closed = true;
        armed.cancel();
        host.remove(this);
    }

    private void end(NotDone why) {
        proposals.endAll(why);
        reads.endAll(read -> endLoop.execute(() -> read.fail(why)));
        transfers.endAll(why);
        changes.allUnknown(core.self() + " stopped");
        awaitingLeader.forEach(future -> endLoop.execute(() -> future.completeExceptionally(why)));
        awaitingLeader.clear();
    }
}
