package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.Overloaded;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.ReadLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
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
    private final @Nullable Executor callbacks;
    private final GroupView view = new GroupView();
    private final AtomicLong pendingBytes = new AtomicLong();
    private final AtomicLong lastId;
    private final Consumer<GroupHandle> whenClosed;

    /** What was asked before the replica was open; null from then on. In the host's loop only. */
    private @Nullable List<Question> early = new ArrayList<>();

    /** What a client asks of the replica, and how it ends when there is none any more. */
    private record Question(Consumer<Replica> asked, Consumer<NotDone> otherwise) {}

    private @Nullable Replica replica;

    private volatile @Nullable NotDone ended;

    GroupHandle(
            GroupId group,
            HostLoop host,
            RaftOptions options,
            EventLoop applyLoop,
            @Nullable Executor callbacks,
            long firstId,
            Consumer<GroupHandle> whenClosed) {
        this.group = group;
        this.host = host;
        this.options = options;
        this.applyLoop = applyLoop;
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

    AtomicLong pendingBytes() {
        return pendingBytes;
    }

    /** A number that no earlier process of this host used, so likely that it may be relied on. */
    long drawId() {
        return lastId.incrementAndGet();
    }

    public CompletableFuture<Payload> propose(Payload command) {
        NotDone refusal = refusal(command);
        if (refusal != null) {
            return CompletableFuture.failedFuture(refusal);
        }
        CompletableFuture<Payload> future = new CompletableFuture<>();
        Proposal proposal =
                new Proposal(
                        drawId(),
                        command,
                        new FutureCompletion(future, applyLoop::execute, callbacks),
                        deadlineNanos());
        post(
                open -> open.propose(proposal),
                why -> {
                    pendingBytes.addAndGet(-proposal.weightBytes());
                    proposal.completion.notDone(why);
                });
        return future;
    }

    public CompletableFuture<Payload> read(Payload question, ReadLevel level) {
        NotDone refusal = refusal(question);
        if (refusal != null) {
            return CompletableFuture.failedFuture(refusal);
        }
        CompletableFuture<Payload> answer = new CompletableFuture<>();
        PendingRead read =
                new PendingRead(question, deadlineNanos(), answer, callbacks, pendingBytes);
        Consumer<Replica> how =
                switch (level) {
                    case LINEARIZABLE -> open -> open.read(read);
                    case LOCAL -> open -> open.readLocally(read);
                };
        post(how, why -> applyLoop.execute(() -> read.fail(why)));
        return answer;
    }

    public CompletableFuture<NodeId> awaitLeader() {
        NotDone why = ended;
        if (why != null) {
            return CompletableFuture.failedFuture(why);
        }
        CompletableFuture<NodeId> future = new CompletableFuture<>();
        post(
                open -> open.awaitLeader(future),
                failure -> applyLoop.execute(() -> future.completeExceptionally(failure)));
        return future;
    }

    /** Asks the replica to stop; what waits ends soon. */
    public void close() {
        if (ended == null) {
            ended = closedHere();
        }
        host.post(
                () -> {
                    if (replica != null) {
                        replica.close();
                        replica = null;
                    }
                    endEarly(closedHere());
                    whenClosed.accept(this);
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
        asked.forEach(question -> question.asked().accept(open));
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

    private void endEarly(NotDone why) {
        if (early != null) {
            List<Question> asked = early;
            early = null;
            asked.forEach(question -> question.otherwise().accept(why));
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

    /** Null when it may enter; then its weight is counted until its end. */
    private @Nullable NotDone refusal(Payload payload) {
        NotDone why = ended;
        if (why != null) {
            return why;
        }
        if (payload.size() > options.maxPayloadBytes()) {
            return new NotDone(
                    NotDone.Reason.TOO_LARGE,
                    "a payload may have "
                            + options.maxPayloadBytes()
                            + " bytes (maxPayloadBytes), this one has "
                            + payload.size()
                            + "; nothing was done");
        }
        long weight = (long) Entry.OVERHEAD_BYTES + payload.size();
        long before = pendingBytes.getAndAdd(weight);
        if (before > 0 && before + weight > options.maxPendingBytes()) {
            pendingBytes.addAndGet(-weight);
            return new Overloaded(
                    "this host has "
                            + before
                            + " bytes of unfinished proposals and reads in group "
                            + group
                            + " (maxPendingBytes is "
                            + options.maxPendingBytes()
                            + "); nothing was done",
                    options.heartbeatInterval());
        }
        return null;
    }
}
