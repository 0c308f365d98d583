package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.spi.ReadLevel;
import dev.lockstep.raft.testkit.check.History;
import dev.lockstep.raft.testkit.check.Operation;
import dev.lockstep.raft.testkit.sim.SimulatedProcess;
import dev.lockstep.raft.testkit.sim.SimulationError;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
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
    private Consumer<Operation.Outcome> atEnd = outcome -> {};
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

    /** What to do once it has ended. */
    Attempt<I, O> then(Consumer<Operation.Outcome> action) {
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
        pending = workload.history().invoke(client, input, time.now());
        workload.begun(this);
        process.atDeath(this::died);
        process.run(
                () -> {
                    CompletableFuture<Payload> future =
                            read
                                    ? group.read(payload, ReadLevel.LINEARIZABLE)
                                    : group.propose(payload);
                    CompletableFuture<Payload> unused = future.whenComplete(this::answered);
                });
    }

    /** Who crashes has read nothing, and may have written. */
    private void died() {
        if (pending != null) {
            end(read ? Operation.Outcome.FAILED : Operation.Outcome.UNKNOWN, null);
        }
    }

    private void answered(@Nullable Payload answer, @Nullable Throwable error) {
        if (pending == null) {
            time.fail(new SimulationError(this + " ended, which had ended before"));
            return;
        }
        Throwable cause = error instanceof CompletionException ? error.getCause() : error;
        if (answer != null) {
            end(Operation.Outcome.OK, workload.application().decode(input, answer));
        } else if (cause instanceof NotDone notDone) {
            time.sometimes().hit("not done: " + notDone.reason());
            time.recent().note(() -> this + " failed: " + cause.getMessage());
            end(Operation.Outcome.FAILED, null);
        } else if (cause instanceof OutcomeUnknown && !read) {
            time.sometimes().hit("outcome unknown");
            time.recent().note(() -> this + " has an unknown outcome: " + cause.getMessage());
            end(Operation.Outcome.UNKNOWN, null);
        } else {
            time.fail(new SimulationError(this + " ended with " + cause));
        }
    }

    private void end(Operation.Outcome outcome, @Nullable O output) {
        History.Pending<I, O> ending = pending;
        pending = null;
        if (ending == null) {
            return;
        }
        if (output != null) {
            ending.ok(output, time.now());
        } else if (outcome == Operation.Outcome.FAILED) {
            ending.failed(time.now());
        } else {
            ending.unknown(time.now());
        }
        workload.ended(this, outcome);
        atEnd.accept(outcome);
    }

    @Override
    public String toString() {
        return input + " of client " + client + " on " + machine.node();
    }
}
