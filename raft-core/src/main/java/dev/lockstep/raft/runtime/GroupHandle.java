package dev.lockstep.raft.runtime;

import dev.lockstep.raft.applied.SessionCommandFormat;
import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.Overloaded;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.PeerProgress;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.SessionCommand;
import dev.lockstep.raft.model.Stamped;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.RaftMetrics;
import dev.lockstep.raft.spi.ReadLevel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The clients' side of a replica: checks what they ask, bounds what waits, and hands it to the
 * host's loop. Any thread may call the public methods. What is asked while the replica is still
 * being opened waits for it.
 */
public final class GroupHandle {
    private final GroupId group;
    private final HostLoop host;
    private final RaftOptions options;
    private final EventLoop applyLoop;
    private final EventLoop endLoop;
    private final @Nullable Executor callbacks;
    private final GroupView view = new GroupView();
    private final AtomicLong pendingBytes = new AtomicLong();

    /** All that was ever added to {@link #pendingBytes}. */
    private final LongAdder acceptedBytes = new LongAdder();

    private final DrainRate drainRate;
    private final AtomicLong lastId;
    private final Consumer<GroupHandle> whenClosed;

    /** What was asked before the replica was open; null from then on. In the host's loop only. */
    private @Nullable List<Question> early = new ArrayList<>();

    private @Nullable Replica replica;

    /** What a client asks of the replica, and what it is told when there is none. */
    private record Question(Consumer<Replica> question, Consumer<NotDone> otherwise) {}

    /** Why nothing more can be asked; null while it can. */
    private volatile @Nullable NotDone ended;

    private final AtomicBoolean closing = new AtomicBoolean();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();

    GroupHandle(
            GroupId group,
            HostLoop host,
            RaftOptions options,
            EventLoop applyLoop,
            EventLoop endLoop,
            @Nullable Executor callbacks,
            long firstId,
            Consumer<GroupHandle> whenClosed) {
        this.group = group;
        this.host = host;
        this.options = options;
        this.drainRate =
                new DrainRate(
                        options.heartbeatInterval(),
                        options.heartbeatInterval(),
                        options.proposalTimeout());
        this.applyLoop = applyLoop;
        this.endLoop = endLoop;
        this.callbacks = callbacks;
        this.lastId = new AtomicLong(firstId);
        this.whenClosed = whenClosed;
    }

    public GroupId group() {
        return group;
    }

    public GroupView view() {
        return view;
    }

    EventLoop applyLoop() {
        return applyLoop;
    }

    /** Where everything completes that the state machine doesn't answer. */
    EventLoop endLoop() {
        return endLoop;
    }

    AtomicLong pendingBytes() {
        return pendingBytes;
    }

    /**
     * In the host's loop, at the end of each batch.
     *
     * @param refusedBytes of all that the leader had no room for: they say nothing of the drain
     */
    void measureDrain(long refusedBytes, long nowNanos) {
        long waiting = pendingBytes.get();
        drainRate.look(acceptedBytes.sum() - waiting - refusedBytes, waiting, nowNanos);
    }

    /** When half of what waits now should have ended. */
    Duration retryAfter() {
        return drainRate.untilHalfOf(pendingBytes.get(), host.clock().nanoTime());
    }

    /** The bytes of this host's proposals and reads that haven't ended. */
    public long unfinishedBytes() {
        return pendingBytes.get();
    }

    /**
     * Asks the replica what it knows of the others.
     *
     * @param form makes what the client gets of it, in the host's loop, while the view is of the
     *     same moment
     */
    public <T> CompletableFuture<T> report(Function<List<PeerProgress>, T> form) {
        NotDone over = ended;
        if (over != null) {
            return CompletableFuture.failedFuture(over);
        }
        CompletableFuture<T> future = new CompletableFuture<>();
        post(
                open -> {
                    T report = form.apply(open.peers());
                    endLoop.execute(() -> future.complete(report));
                },
                why -> endLoop.execute(() -> future.completeExceptionally(why)));
        return future;
    }

    /** A number that no earlier process of this host has used: they begin at a random one. */
    long drawId() {
        return lastId.incrementAndGet();
    }

    public CompletableFuture<Payload> propose(Payload command) {
        return propose(command, (index, answer) -> answer);
    }

    public CompletableFuture<Stamped> proposeStamped(Payload command) {
        return propose(command, Stamped::new);
    }

    private <T> CompletableFuture<T> propose(Payload command, ClientFuture.Form<T> form) {
        NotDone refusal = tooLarge(command);
        if (refusal == null) {
            refusal = refusal(command);
        }
        if (refusal != null) {
            host.metrics().proposalRefused(group, refusal.reason());
            return CompletableFuture.failedFuture(refusal);
        }
        ClientFuture<T> future = new ClientFuture<>(form);
        start(new Proposal(drawId(), command, completionOf(future), deadlineNanos()));
        return future.future();
    }

    private void start(Proposal proposal) {
        post(
                open -> open.propose(proposal),
                why -> {
                    pendingBytes.addAndGet(-proposal.weightBytes());
                    proposal.completion.notDone(why);
                });
    }

    /**
     * Opens a client session; the entry that does is retried until the deadline.
     *
     * @param form makes what the client gets of it
     */
    public <S> CompletableFuture<S> openSession(Function<SessionHandle, S> form) {
        return SessionHandle.open(this, form);
    }

    /**
     * Proposes a command of a session, and goes on with that until its outcome is known or its
     * deadline passes.
     */
    public CompletableFuture<Payload> proposeOnce(SessionCommand command) {
        ClientFuture<Payload> future = new ClientFuture<>((index, answer) -> answer);
        proposeOnce(command, completionOf(future));
        return future.future();
    }

    void proposeOnce(SessionCommand command, Completion completion) {
        NotDone tooLarge = tooLarge(command.command());
        if (tooLarge != null) {
            completion.notDone(tooLarge);
        } else {
            proposeInSession(
                    EntryKind.SESSION_COMMAND, SessionCommandFormat.encode(command), completion);
        }
    }

    /** Proposes what takes effect once however often it is appended. */
    void proposeInSession(EntryKind kind, Payload payload, Completion completion) {
        NotDone refusal = refusal(payload);
        if (refusal != null) {
            completion.notDone(refusal);
            return;
        }
        start(
                new Proposal(
                        drawId(),
                        kind,
                        payload,
                        new SessionCompletion(completion, group),
                        deadlineNanos()));
    }

    /** The leader's own; by a replica of this group, in the host's loop. */
    void proposeExpiry(Replica leader, Payload expire) {
        Completion nobodyWaits =
                new FutureCompletion(
                        new ClientFuture<>((index, answer) -> answer),
                        endLoop::execute,
                        callbacks,
                        null);
        Proposal proposal =
                new Proposal(drawId(), EntryKind.SESSION, expire, nobodyWaits, deadlineNanos());
        pendingBytes.addAndGet(proposal.weightBytes());
        acceptedBytes.add(proposal.weightBytes());
        leader.propose(proposal);
    }

    Completion completionOf(ClientFuture<?> future) {
        return new FutureCompletion(future, endLoop::execute, callbacks, meter());
    }

    private @Nullable ProposalMeter meter() {
        RaftMetrics metrics = host.metrics();
        return metrics == RaftMetrics.NONE
                ? null
                : new ProposalMeter(group, host.clock(), metrics, host.clock().nanoTime());
    }

    RaftOptions options() {
        return options;
    }

    /** Why nothing more can be asked; null while it can. */
    @Nullable NotDone ended() {
        return ended;
    }

    /** Runs a task in the host's loop after a time, unless the loop has ended then. */
    void after(long nanos, Runnable task) {
        EventLoop.Cancellation unused =
                host.loop().at(host.clock().nanoTime() + nanos, () -> host.post(task));
    }

    public CompletableFuture<Payload> read(Payload question, ReadLevel level) {
        return read(question, level, (index, answer) -> answer);
    }

    public CompletableFuture<Stamped> readStamped(Payload question, ReadLevel level) {
        return read(question, level, Stamped::new);
    }

    private <T> CompletableFuture<T> read(
            Payload question, ReadLevel level, ClientFuture.Form<T> form) {
        NotDone refusal = tooLarge(question);
        if (refusal == null) {
            refusal = refusal(question);
        }
        if (refusal != null) {
            return CompletableFuture.failedFuture(refusal);
        }
        ClientFuture<T> answer = new ClientFuture<>(form);
        long now = host.clock().nanoTime();
        PendingRead read =
                new PendingRead(
                        question,
                        now,
                        now + options.proposalTimeout().toNanos(),
                        answer,
                        callbacks,
                        pendingBytes);
        post(open -> open.read(read, level), why -> endLoop.execute(() -> read.fail(why)));
        return answer.future();
    }

    public CompletableFuture<NodeId> awaitLeader() {
        NotDone over = ended;
        if (over != null) {
            return CompletableFuture.failedFuture(over);
        }
        CompletableFuture<NodeId> future = new CompletableFuture<>();
        post(
                open -> open.awaitLeader(future),
                why -> endLoop.execute(() -> future.completeExceptionally(why)));
        return future;
    }

    /**
     * Hands leadership to a voter, the best one when none is named; fails when this replica doesn't
     * lead.
     */
    public CompletableFuture<NodeId> transferLeadership(@Nullable NodeId target) {
        NotDone over = ended;
        if (over != null) {
            return CompletableFuture.failedFuture(over);
        }
        CompletableFuture<NodeId> future = new CompletableFuture<>();
        Transfers.Waiting waiting =
                new Transfers.Waiting(
                        next -> endLoop.execute(() -> future.complete(next)),
                        why -> endLoop.execute(() -> future.completeExceptionally(why)));
        post(open -> open.transfer(target, waiting), waiting.failed());
        return future;
    }

    /** Takes a snapshot of what this replica has applied; completes with its index. */
    public CompletableFuture<Long> snapshot() {
        NotDone over = ended;
        if (over != null) {
            return CompletableFuture.failedFuture(over);
        }
        CompletableFuture<Long> future = new CompletableFuture<>();
        SnapshotWaiters.Waiter waiter =
                new SnapshotWaiters.Waiter(
                        index -> endLoop.execute(() -> future.complete(index)),
                        why -> endLoop.execute(() -> future.completeExceptionally(why)));
        post(open -> open.snapshot(waiter), waiter.failed());
        return future;
    }

    /** Changes who belongs to the group; fails when this replica doesn't lead. */
    public CompletableFuture<Configuration> changeMembers(MembershipChange change) {
        NotDone over = ended;
        if (over != null) {
            return CompletableFuture.failedFuture(over);
        }
        CompletableFuture<Configuration> future = new CompletableFuture<>();
        post(
                open -> open.change(change, future),
                why -> endLoop.execute(() -> future.completeExceptionally(why)));
        return future;
    }

    /**
     * Stops the replica. One that leads hands over first, so that the group needs no election
     * timeout to go on; that takes an election timeout at the most.
     *
     * @return completes, in the host's loop, when the replica has stopped
     */
    public CompletableFuture<Void> close() {
        if (closing.compareAndSet(false, true)) {
            if (ended == null) {
                ended = closedHere();
            }
            host.post(
                    () -> {
                        if (replica != null && replica.leads()) {
                            replica.transfer(
                                    null, new Transfers.Waiting(next -> stop(), why -> stop()));
                        } else {
                            stop();
                        }
                    });
        }
        return stopped;
    }

    /** Not while the replica carries effects out, so in a task of its own. */
    private void stop() {
        host.post(
                () -> {
                    if (replica != null) {
                        replica.close();
                        replica = null;
                    }
                    endEarly(closedHere());
                    whenClosed.accept(this);
                    stopped.complete(null);
                });
    }

    // ---- in the host's loop ----

    void opened(Replica open) {
        if (early == null) {
            return; // closed meanwhile
        }
        replica = open;
        host.add(open);
        List<Question> asked = early;
        early = null;
        asked.forEach(waiting -> waiting.question().accept(open));
        host.touch(open);
    }

    void failedToOpen(Fault fault) {
        view.halted(fault, 0);
        NotDone why =
                new NotDone(
                        NotDone.Reason.HALTED, "group " + group + " could not be opened: " + fault);
        if (ended == null) {
            ended = why;
        }
        endEarly(why);
    }

    /** Ends what waits for the replica to be opened. */
    private void endEarly(NotDone why) {
        List<Question> asked = early;
        early = null;
        if (asked != null) {
            asked.forEach(waiting -> waiting.otherwise().accept(why));
        }
    }

    private void post(Consumer<Replica> question, Consumer<NotDone> otherwise) {
        host.post(
                () -> {
                    if (replica != null) {
                        question.accept(replica);
                    } else if (early != null && ended == null) {
                        early.add(new Question(question, otherwise));
                    } else {
                        NotDone why = ended;
                        otherwise.accept(why == null ? closedHere() : why);
                    }
                });
    }

    private NotDone closedHere() {
        return new NotDone(
                NotDone.Reason.CLOSED,
                "group " + group + " is closed on this host; nothing was done");
    }

    private long deadlineNanos() {
        return host.clock().nanoTime() + options.proposalTimeout().toNanos();
    }

    private @Nullable NotDone tooLarge(Payload payload) {
        if (payload.size() <= options.maxPayloadBytes()) {
            return null;
        }
        return new NotDone(
                NotDone.Reason.TOO_LARGE,
                "a payload may have "
                        + options.maxPayloadBytes()
                        + " bytes (maxPayloadBytes), this one has "
                        + payload.size()
                        + "; nothing was done");
    }

    /** Null when it may enter; then its weight is counted until its end. */
    private @Nullable NotDone refusal(Payload payload) {
        NotDone why = ended;
        if (why != null) {
            return why;
        }
        long weight = (long) Entry.OVERHEAD_BYTES + payload.size();
        long before = pendingBytes.getAndAdd(weight);
        if (before > 0 && before + weight > options.maxPendingBytes()) {
            pendingBytes.addAndGet(-weight);
            Duration retryAfter = retryAfter();
            return new Overloaded(
                    "this host has "
                            + before
                            + " bytes of unfinished proposals and reads in group "
                            + group
                            + " (maxPendingBytes is "
                            + options.maxPendingBytes()
                            + "); nothing was done, try again after "
                            + retryAfter,
                    retryAfter);
        }
        acceptedBytes.add(weight);
        return null;
    }
}
