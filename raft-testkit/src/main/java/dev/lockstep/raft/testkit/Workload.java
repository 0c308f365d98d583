package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.testkit.check.History;
import dev.lockstep.raft.testkit.check.Operation;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The clients of a run and what they did together. */
final class Workload<I, O> {
    private final History<I, O> history = new History<>();
    private final List<SimulatedClient<I, O>> clients = new ArrayList<>();
    private final Set<Attempt<I, O>> open = new LinkedHashSet<>();
    private final Map<Payload, Tally> commands = new HashMap<>();
    private final PlacedAnswers answers = new PlacedAnswers();
    private final SimulatedCluster cluster;
    private final Application<I, O> application;
    private final SeededRandom floods;
    private int lastClient;
    private long ids;

    /** How often a command may have been applied at the least and at the most. */
    static final class Tally {
        int done;
        int maybeDone;
    }

    Workload(SimulatedCluster cluster, Application<I, O> application) {
        this.cluster = cluster;
        this.application = application;
        this.floods = cluster.time().random().fork("floods");
        for (int i = 0; i < cluster.plan().traffic().clients(); i++) {
            clients.add(new SimulatedClient<>(cluster, this, nextClient()));
        }
    }

    void start() {
        clients.forEach(SimulatedClient::start);
    }

    void stop() {
        clients.forEach(SimulatedClient::stop);
    }

    /** Lets so many new clients propose one command each, all at once. */
    void flood(SimulatedMachine machine, int count) {
        for (int i = 0; i < count && machine.isResponsive(); i++) {
            new Attempt<>(this, machine, nextClient(), application.drawForFlood(floods)).begin();
        }
    }

    boolean waits() {
        return !open.isEmpty();
    }

    /** What clients still wait for. */
    List<String> waiting() {
        return open.stream().map(Attempt::toString).toList();
    }

    Application<I, O> application() {
        return application;
    }

    SimulatedCluster cluster() {
        return cluster;
    }

    PlacedAnswers answers() {
        return answers;
    }

    History<I, O> history() {
        return history;
    }

    /** Each client does one thing at a time, so whoever does another at that time is another. */
    int nextClient() {
        return lastClient++;
    }

    long nextId() {
        return ids++;
    }

    void begun(Attempt<I, O> attempt) {
        open.add(attempt);
        if (attempt.isWrite()) {
            commands.computeIfAbsent(attempt.payload(), p -> new Tally()).maybeDone++;
        }
    }

    void ended(Attempt<I, O> attempt, Operation.Outcome outcome) {
        open.remove(attempt);
        if (attempt.isWrite()) {
            Tally tally = commands.getOrDefault(attempt.payload(), new Tally());
            switch (outcome) {
                case OK -> tally.done++;
                case FAILED -> tally.maybeDone--;
                case UNKNOWN -> {}
            }
        }
    }

    /** By command, how often it may have been applied. */
    Map<Payload, Tally> commands() {
        return commands;
    }
}
