package dev.lockstep.raft.testkit;

import dev.lockstep.raft.spi.ReadLevel;
import dev.lockstep.raft.testkit.check.Operation;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.time.Duration;

/** Asks one machine after the other for something, one thing at a time. */
final class SimulatedClient<I, O> {
    private static final long MAX_STALE_NANOS = 3_000_000_000L;

    private final SimulatedCluster cluster;
    private final Workload<I, O> workload;
    private final VirtualTime time;
    private final SeededRandom random;
    private final int number;
    private boolean stopped;

    /** How far in the log the client's own answers have reached. */
    private long seenIndex;

    SimulatedClient(SimulatedCluster cluster, Workload<I, O> workload, int number) {
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

    private void think() {
        if (!stopped) {
            long most = cluster.plan().traffic().maxThinkNanos();
            time.after(1 + random.nextLong(most), "client", this::ask);
        }
    }

    private void ask() {
        if (stopped) {
            return;
        }
        SimulatedMachine machine = random.pick(cluster.machines());
        if (machine.isResponsive()) {
            I input = workload.application().draw(random);
            new Attempt<>(workload, machine, number, input)
                    .at(randomLevel())
                    .then(this::ended)
                    .begin();
        } else {
            think();
        }
    }

    private void ended(Attempt<I, O> attempt, Operation.Outcome outcome) {
        seenIndex = Math.max(seenIndex, attempt.seenIndex());
        think();
    }

    private ReadLevel randomLevel() {
        return switch (random.nextInt(6)) {
            case 0 -> ReadLevel.LOCAL;
            case 1 -> ReadLevel.sequential(seenIndex);
            case 2 ->
                    ReadLevel.boundedStaleness(Duration.ofNanos(random.nextLong(MAX_STALE_NANOS)));
            case 3, 4 -> ReadLevel.LEASE;
            default -> ReadLevel.LINEARIZABLE;
        };
    }
}
