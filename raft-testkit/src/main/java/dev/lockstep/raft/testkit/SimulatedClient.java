package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.Stamped;
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
import java.time.Duration;
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
    private static final long MAX_STALE_NANOS = 3_000_000_000L;

    private final SimulatedCluster cluster;
    private final Workload workload;
    private final VirtualTime time;
    private final SeededRandom random;
    private final int number;
    private boolean stopped;

    /** How far in the log the client's own answers have reached. */
    private long seenIndex;

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
        ReadLevel level = call instanceof Get ? randomLevel() : null;
        boolean weak = level != null && level != ReadLevel.LINEARIZABLE;
        Payload payload = RegisterMachine.encode(workload.nextId(), call);
        Asked now =
                new Asked(
                        call,
                        payload,
                        level,
                        machine.node(),
                        time.now(),
                        weak ? null : workload.history().invoke(number, call, time.now()));
        asked = now;
        process.atDeath(() -> died(now));
        process.run(
                () -> {
                    CompletableFuture<Stamped> future =
                            level != null
                                    ? group.readStamped(payload, level)
                                    : group.proposeStamped(payload);
                    now.ending =
                            future.whenComplete((answer, error) -> answered(now, answer, error));
                });
    }

    private ReadLevel randomLevel() {
        return switch (random.nextInt(6)) {
            case 0 -> ReadLevel.LOCAL;
            case 1 -> ReadLevel.sequential(seenIndex);
            case 2 ->
                    ReadLevel.boundedStaleness(Duration.ofNanos(random.nextLong(MAX_STALE_NANOS)));
            default -> ReadLevel.LINEARIZABLE;
        };
    }

    /** Who crashes has read nothing, and may have written. */
    private void died(Asked about) {
        if (asked == about) {
            if (about.level != null) {
                about.failed(time.now());
            } else {
                about.unknown(time.now());
            }
            next();
        }
    }

    private void answered(Asked about, @Nullable Stamped answer, @Nullable Throwable error) {
        if (asked != about) {
            time.fail(new SimulationError(about + " ended, which had ended before"));
            return;
        }
        Throwable cause = error instanceof CompletionException ? error.getCause() : error;
        if (answer != null) {
            succeeded(about, answer);
        } else if (cause instanceof NotDone) {
            time.recent().note(() -> about + " failed: " + cause.getMessage());
            about.failed(time.now());
        } else if (cause instanceof OutcomeUnknown && about.level == null) {
            time.recent().note(() -> about + " has an unknown outcome: " + cause.getMessage());
            about.unknown(time.now());
        } else {
            time.fail(new SimulationError(about + " ended with " + cause));
        }
        next();
    }

    private void succeeded(Asked about, Stamped answer) {
        if (about.pending != null) {
            about.pending.ok(RegisterMachine.decode(answer.answer()), time.now());
        }
        if (about.level == null) {
            workload.acknowledged(about.payload);
            workload.weakReads().acknowledged(answer.index(), time.now());
        } else {
            try {
                workload.weakReads()
                        .answered((Get) about.call, about.level, answer, about.begunNanos);
            } catch (SimulationError breach) {
                time.fail(breach);
            }
        }
        if (!(about.level instanceof ReadLevel.Local)) {
            seenIndex = Math.max(seenIndex, answer.index());
        }
    }

    private void next() {
        asked = null;
        think();
    }

    /** One operation; two of the same content are two operations. */
    private static final class Asked {
        private final Call call;
        private final Payload payload;
        private final @Nullable ReadLevel level;
        private final NodeId on;
        private final long begunNanos;
        private final History.@Nullable Pending<Call, Answer> pending;
        private @Nullable CompletableFuture<Stamped> ending;

        /**
         * @param level null for a write
         * @param pending null for what needs not be linearizable
         */
        Asked(
                Call call,
                Payload payload,
                @Nullable ReadLevel level,
                NodeId on,
                long begunNanos,
                History.@Nullable Pending<Call, Answer> pending) {
            this.call = call;
            this.payload = payload;
            this.level = level;
            this.on = on;
            this.begunNanos = begunNanos;
            this.pending = pending;
        }

        void failed(long nowNanos) {
            if (pending != null) {
                pending.failed(nowNanos);
            }
        }

        void unknown(long nowNanos) {
            if (pending != null) {
                pending.unknown(nowNanos);
            }
        }

        @Override
        public String toString() {
            String state = ending == null ? "" : ending.isDone() ? ", done" : ", pending";
            return "'" + payload.asString() + "' on " + on + state;
        }
    }
}
