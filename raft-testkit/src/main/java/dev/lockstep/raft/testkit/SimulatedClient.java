package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.spi.ReadLevel;
import dev.lockstep.raft.testkit.check.History;
import dev.lockstep.raft.testkit.check.RegisterModel.Answer;
import dev.lockstep.raft.testkit.check.RegisterModel.Call;
import dev.lockstep.raft.testkit.check.RegisterModel.CompareAndSet;
import dev.lockstep.raft.testkit.check.RegisterModel.Get;
import dev.lockstep.raft.testkit.check.RegisterModel.Set;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.SimulatedProcess;
import dev.lockstep.raft.testkit.sim.SimulationError;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes registers through one machine after the other, one operation at a time, and
 * tells the history what it asked and got.
 */
final class SimulatedClient {
    private static final int KEYS = 4;
    private static final int VALUES = 1_000_000;
    private static final long MAX_THINK_NANOS = 60_000_000;

    private final SimulatedCluster cluster;
    private final Workload workload;
    private final VirtualTime time;
    private final SeededRandom random;
    private final int number;
    private boolean stopped;
    private @Nullable Asked asked;

    SimulatedClient(SimulatedCluster cluster, Workload workload, int number) {
        this.cluster = cluster;
        this.workload = workload;
        this.time = cluster.time();
        this.number = number;
        this.random = time.random().fork("client " + number);
    }

    void start() {
        think();
    }

    /** Asks for nothing new. */
    void stop() {
        stopped = true;
    }

    /** What it waits for; null when it waits for nothing. */
    @Nullable String waitingFor() {
        return asked == null ? null : asked.toString();
    }

    private void think() {
        if (!stopped) {
            time.after(1 + random.nextLong(MAX_THINK_NANOS), "client", this::ask);
        }
    }

    private void ask() {
        if (stopped) {
            return;
        }
        SimulatedMachine machine = random.pick(cluster.machines());
        if (!machine.isResponsive()) {
            think();
            return;
        }
        perform(machine, randomCall());
    }

    private Call randomCall() {
        String key = "k" + random.nextInt(KEYS);
        return switch (random.nextInt(5)) {
            case 0, 1 -> new Get(key);
            case 2, 3 -> new Set(key, random.nextInt(VALUES));
            default -> new CompareAndSet(key, workload.recent(key, random), random.nextInt(VALUES));
        };
    }

    private void perform(SimulatedMachine machine, Call call) {
        SimulatedProcess process = machine.process();
        RaftGroup group = machine.group();
        if (process == null || group == null) {
            return;
        }
        boolean read = call instanceof Get;
        Payload payload = RegisterMachine.encode(workload.nextId(), call);
        Asked now =
                new Asked(
                        payload,
                        read,
                        machine.node(),
                        workload.history().invoke(number, call, time.now()));
        asked = now;
        process.atDeath(() -> died(now));
        process.run(
                () -> {
                    CompletableFuture<Payload> future =
                            read
                                    ? group.read(payload, ReadLevel.LINEARIZABLE)
                                    : group.propose(payload);
                    now.ending =
                            future.whenComplete((answer, error) -> answered(now, answer, error));
                });
    }

    /** Who crashes has read nothing, and may have written. */
    private void died(Asked about) {
        if (asked == about) {
            if (about.read) {
                about.pending.failed(time.now());
            } else {
                about.pending.unknown(time.now());
            }
            next();
        }
    }

    private void answered(Asked about, @Nullable Payload answer, @Nullable Throwable error) {
        if (asked != about) {
            time.fail(new SimulationError(about + " ended, which had ended before"));
            return;
        }
        Throwable cause = error instanceof CompletionException ? error.getCause() : error;
        if (answer != null) {
            Answer decoded = RegisterMachine.decode(answer);
            about.pending.ok(decoded, time.now());
            if (!about.read) {
                workload.acknowledged(about.payload);
            }
        } else if (cause instanceof NotDone) {
            time.recent().note(() -> about + " failed: " + cause.getMessage());
            about.pending.failed(time.now());
        } else if (cause instanceof OutcomeUnknown && !about.read) {
            time.recent().note(() -> about + " has an unknown outcome: " + cause.getMessage());
            about.pending.unknown(time.now());
        } else {
            time.fail(new SimulationError(about + " ended with " + cause));
        }
        next();
    }

    private void next() {
        asked = null;
        think();
    }

    /** One operation; two of the same content are two operations. */
    private static final class Asked {
        private final Payload payload;
        private final boolean read;
        private final NodeId on;
        private final History.Pending<Call, Answer> pending;
        private @Nullable CompletableFuture<Payload> ending;

        Asked(Payload payload, boolean read, NodeId on, History.Pending<Call, Answer> pending) {
            this.payload = payload;
            this.read = read;
            this.on = on;
            this.pending = pending;
        }

        @Override
        public String toString() {
            String state = ending == null ? "" : ending.isDone() ? ", done" : ", pending";
            return "'" + payload.asString() + "' on " + on + state;
        }
    }
}
