package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.testkit.check.History;
import dev.lockstep.raft.testkit.check.Operation;
import dev.lockstep.raft.testkit.check.RegisterModel.Answer;
import dev.lockstep.raft.testkit.check.RegisterModel.Call;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import java.util.ArrayList;
import java.util.List;

/** The clients of a run and what they did together. */
final class Workload {
    private static final int CLIENTS = 6;

    private final History<Call, Answer> history = new History<>();
    private final List<SimulatedClient> clients = new ArrayList<>();
    private final List<Payload> acknowledged = new ArrayList<>();
    private final WeakReads weakReads = new WeakReads();
    private final SimulatedCluster cluster;
    private long ids;

    Workload(SimulatedCluster cluster) {
        this.cluster = cluster;
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(new SimulatedClient(cluster, this, i));
        }
    }

    void start() {
        clients.forEach(SimulatedClient::start);
    }

    void stop() {
        clients.forEach(SimulatedClient::stop);
    }

    /** What clients still wait for. */
    List<String> waiting() {
        List<String> waiting = new ArrayList<>();
        for (SimulatedClient client : clients) {
            String what = client.waitingFor();
            if (what != null) {
                waiting.add(what);
            }
        }
        return waiting;
    }

    History<Call, Answer> history() {
        return history;
    }

    WeakReads weakReads() {
        return weakReads;
    }

    long count(Operation.Outcome outcome) {
        return history.count(outcome);
    }

    /** Each once. */
    List<Payload> acknowledgedCommands() {
        return acknowledged;
    }

    void acknowledged(Payload command) {
        acknowledged.add(command);
    }

    long nextId() {
        return ids++;
    }

    /** A value that some replica holds, so that a compare-and-set has a chance. */
    long recent(String key, SeededRandom random) {
        return random.pick(cluster.machines()).registers().registers().getOrDefault(key, 0L);
    }
}
