package dev.lockstep.examples.kv;

import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.model.SessionCommand;
import dev.lockstep.raft.model.Stamped;
import dev.lockstep.raft.node.GroupReport;
import dev.lockstep.raft.node.GroupStatus;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.node.RaftSession;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.ReadLevel;
import dev.lockstep.raft.spi.StateMachine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A group of one that commits at once, or when the test says so. Keeps its log. */
public final class DirectGroup implements RaftGroup {
    private static final NodeId SELF = NodeId.of("n1");

    private final StateMachine machine;
    private final Clock clock;
    private final List<Command> log = new ArrayList<>();
    private final ArrayDeque<Runnable> held = new ArrayDeque<>();
    private final ArrayDeque<RuntimeException> failures = new ArrayDeque<>();
    private boolean holds;

    public DirectGroup(StateMachine machine, Clock clock) {
        this.machine = machine;
        this.clock = clock;
    }

    /** From now on nothing is answered until {@link #release}. */
    public synchronized void hold() {
        holds = true;
    }

    public synchronized boolean isHoldingSome() {
        return !held.isEmpty();
    }

    public synchronized void release() {
        holds = false;
        while (!held.isEmpty()) {
            held.remove().run();
        }
    }

    /** The next proposal or read fails so, and does nothing. */
    public synchronized void failNext(RuntimeException failure) {
        failures.add(failure);
    }

    public synchronized List<Command> log() {
        return List.copyOf(log);
    }

    @Override
    public synchronized CompletableFuture<Payload> propose(Payload command) {
        return answer(
                () -> {
                    long before = log.isEmpty() ? 0 : log.get(log.size() - 1).timestampMillis();
                    Command next =
                            new Command(
                                    new LogPosition(1, log.size() + 1),
                                    Math.max(before, clock.wallMillis()),
                                    command);
                    log.add(next);
                    return machine.apply(next);
                });
    }

    @Override
    public CompletableFuture<RaftSession> openSession() {
        return CompletableFuture.failedFuture(
                new NotDone(NotDone.Reason.TOO_MANY_SESSIONS, "there are none here"));
    }

    @Override
    public CompletableFuture<Payload> proposeOnce(SessionCommand command) {
        return CompletableFuture.failedFuture(
                new NotDone(NotDone.Reason.SESSION_EXPIRED, "there are no sessions here"));
    }

    @Override
    public synchronized CompletableFuture<Payload> read(Payload question, ReadLevel level) {
        return answer(() -> machine.query(question));
    }

    @Override
    public synchronized CompletableFuture<Stamped> proposeStamped(Payload command) {
        return propose(command).thenApply(answer -> new Stamped(log.size(), answer));
    }

    @Override
    public synchronized CompletableFuture<Stamped> readStamped(Payload question, ReadLevel level) {
        return read(question, level).thenApply(answer -> new Stamped(log.size(), answer));
    }

    private CompletableFuture<Payload> answer(Supplier<Payload> work) {
        CompletableFuture<Payload> answer = new CompletableFuture<>();
        Runnable task =
                () -> {
                    RuntimeException failure = failures.poll();
                    if (failure != null) {
                        answer.completeExceptionally(failure);
                        return;
                    }
                    try {
                        answer.complete(work.get());
                    } catch (RuntimeException e) {
                        answer.completeExceptionally(e);
                    }
                };
        if (holds) {
            held.add(task);
        } else {
            task.run();
        }
        return answer;
    }

    @Override
    public GroupId id() {
        return GroupId.of("kv");
    }

    @Override
    public synchronized GroupStatus status() {
        return new GroupStatus(
                SELF,
                Role.LEADER,
                1,
                SELF,
                log.size(),
                log.size(),
                log.size(),
                null,
                false,
                null,
                null,
                null,
                0,
                new GroupStatus.Backlog(0, 0, 0, 0));
    }

    @Override
    public CompletableFuture<GroupReport> report() {
        return CompletableFuture.completedFuture(new GroupReport(status(), List.of()));
    }

    @Override
    public CompletableFuture<NodeId> awaitLeader() {
        return CompletableFuture.completedFuture(SELF);
    }

    @Override
    public CompletableFuture<NodeId> transferLeadership(@Nullable NodeId target) {
        return CompletableFuture.failedFuture(
                new NotDone(NotDone.Reason.REFUSED, "there is nobody else"));
    }

    @Override
    public CompletableFuture<Long> snapshot() {
        return CompletableFuture.failedFuture(
                new NotDone(NotDone.Reason.REFUSED, "there is no log"));
    }

    @Override
    public CompletableFuture<Configuration> changeMembers(MembershipChange change) {
        return CompletableFuture.failedFuture(
                new NotDone(NotDone.Reason.REFUSED, "there is nobody else"));
    }

    @Override
    public void close() {}
}
