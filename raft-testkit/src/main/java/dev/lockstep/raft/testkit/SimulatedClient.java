package dev.lockstep.raft.testkit;

import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.VirtualTime;

/** Asks one machine after the other for something, one thing at a time. */
final class SimulatedClient<I, O> {
    private final SimulatedCluster cluster;
    private final Workload<I, O> workload;
    private final VirtualTime time;
    private final SeededRandom random;
    private final int number;
    private boolean stopped;

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
            new Attempt<>(workload, machine, number, input).then(outcome -> think()).begin();
        } else {
            think();
        }
    }
}
