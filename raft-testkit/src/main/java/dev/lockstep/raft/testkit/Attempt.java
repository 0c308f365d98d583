package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.Stamped;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.spi.ReadLevel;
import dev.lockstep.raft.testkit.check.History;
import dev.lockstep.raft.testkit.check.Operation;
import dev.lockstep.raft.testkit.sim.SimulatedProcess;
import dev.lockstep.raft.testkit.sim.SimulationError;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** One operation of one client on one machine, from its call to its end, of which there is one. */
final class Attempt<I, O> {
    private final Workload<I, O> workload;
    private final SimulatedMachine machine;
    private final VirtualTime time;
    private final int client;
    private final I input;
    private final boolean read;
    private final Payload payload;
    private ReadLevel level = ReadLevel.LINEARIZABLE;
    private BiConsumer<Attempt<I, O>, Operation.Outcome> atEnd = (attempt, outcome) -> {};
    private boolean ended;
    private long begunNanos;
    private long reachedBefore;
    private long seenIndex;

    /** Null for what needs not be linearizable. */
    private History.@Nullable Pending<I, O> pending;

    Attempt(Workload<I, O> workload, SimulatedMachine machine, int client, I input) {
        this.workload = workload;
        this.machine = machine;
        this.time = workload.cluster().time();
        this.client = client;
        this.input = input;
        this.read = workload.application().isRead(input);
        this.payload = workload.application().encode(workload.nextId(), input);
    }

    boolean isWrite() {
        return !read;
    }

    Payload payload() {
        return payload;
    }

    /** What it promises, if it is a read; linearizability unless set. */
    Attempt<I, O> at(ReadLevel readLevel) {
        level = readLevel;
        return this;
    }

    /** How far in the log its answer has reached; 0 when that isn't to be relied on. */
    long seenIndex() {
        return seenIndex;
    }

    /** What to do once it has ended. */
    Attempt<I, O> then(BiConsumer<Attempt<I, O>, Operation.Outcome> action) {
        atEnd = action;
        return this;
    }

    /** Calls; the machine must be responsive. */
    void begin() {
        SimulatedProcess process = machine.process();
        RaftGroup group = machine.group();
        if (process == null || group == null) {
            throw new IllegalStateException(machine.node() + " takes no calls");
        }
        begunNanos = time.now();
        reachedBefore = workload.answers().reached();
        if (!read || PlacedAnswers.isLinearizable(level)) {
            pending = workload.history().invoke(client, input, begunNanos);
        }
        workload.begun(this);
        process.atDeath(this::died);
        process.run(
                () -> {
                    CompletableFuture<Stamped> future =
                            read
                                    ? group.readStamped(payload, level)
                                    : group.proposeStamped(payload);
                    CompletableFuture<Stamped> unused = future.whenComplete(this::answered);
                });
    }

    /** Who crashes has read nothing, and may have written. */
    private void died() {
        if (!ended) {
            end(read ? Operation.Outcome.FAILED : Operation.Outcome.UNKNOWN);
        }
    }

    private void answered(@Nullable Stamped answer, @Nullable Throwable error) {
        if (ended) {
            time.fail(new SimulationError(this + " ended, which had ended before"));
            return;
        }
        Throwable cause = error instanceof CompletionException ? error.getCause() : error;
        if (answer != null) {
            succeeded(answer);
        } else if (cause instanceof NotDone notDone) {
            time.sometimes().hit("not done: " + notDone.reason());
            time.recent().note(() -> this + " failed: " + cause.getMessage());
            end(Operation.Outcome.FAILED);
        } else if (cause instanceof OutcomeUnknown && !read) {
            time.sometimes().hit("outcome unknown");
            time.recent().note(() -> this + " has an unknown outcome: " + cause.getMessage());
            end(Operation.Outcome.UNKNOWN);
        } else {
            time.fail(new SimulationError(this + " ended with " + cause));
        }
    }

    private void succeeded(Stamped answer) {
        if (pending != null) {
            pending.ok(workload.application().decode(input, answer.answer()), time.now());
            pending = null;
        }
        try {
            if (read) {
                time.sometimes().hit("read: " + level.getClass().getSimpleName());
                workload.answers().answered(payload, level, answer, reachedBefore, begunNanos);
            } else {
                Payload applied =
                        workload.cluster().safety().answer(SimulatedCluster.GROUP, answer.index());
                workload.answers().acknowledged(answer, reachedBefore, applied, time.now());
            }
        } catch (SimulationError breach) {
            time.fail(breach);
        }
        if (!read || level != ReadLevel.LOCAL) {
            seenIndex = answer.index();
        }
        end(Operation.Outcome.OK);
    }

    private void end(Operation.Outcome outcome) {
        ended = true;
        if (pending != null && outcome == Operation.Outcome.FAILED) {
            pending.failed(time.now());
        } else if (pending != null) {
            pending.unknown(time.now());
        }
        workload.ended(this, outcome);
        atEnd.accept(this, outcome);
    }

    @Override
    public String toString() {
        return input + (read ? " " + level : "") + " of client " + client + " on " + machine.node();
    }
}
