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
import java.util.stream.Stream;

/** The clients of a run and what they did together. */
final class Workload<I, O> {
    private final History<I, O> history = new History<>();
    private final List<SimulatedClient<I, O>> clients = new ArrayList<>();
    private final List<SessionClient<I, O>> sessions = new ArrayList<>();
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
        for (int i = 0; i < cluster.plan().traffic().sessions(); i++) {
            sessions.add(new SessionClient<>(cluster, this));
        }
    }

    void start() {
        clients.forEach(SimulatedClient::start);
        sessions.forEach(SessionClient::start);
    }

    void stop() {
        clients.forEach(SimulatedClient::stop);
        sessions.forEach(SessionClient::stop);
    }

    /** Lets so many new clients propose one command each, all at once. */
    void flood(SimulatedMachine machine, int count) {
        for (int i = 0; i < count && machine.isResponsive(); i++) {
            new Attempt<>(this, machine, nextClient(), application.drawForFlood(floods)).begin();
        }
    }

    boolean waits() {
        return !open.isEmpty()
                || sessions.stream().anyMatch(session -> session.waiting().findAny().isPresent());
    }

    /** What clients still wait for. */
    List<String> waiting() {
        return Stream.concat(
                        open.stream().map(Attempt::toString),
                        sessions.stream().flatMap(SessionClient::waiting))
                .toList();
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
            begun(attempt.payload());
        }
    }

    /** That command is asked for once more, to be applied once more. */
    void begun(Payload command) {
        commands.computeIfAbsent(command, p -> new Tally()).maybeDone++;
    }

    void ended(Attempt<I, O> attempt, Operation.Outcome outcome) {
        open.remove(attempt);
        if (attempt.isWrite()) {
            ended(attempt.payload(), outcome);
        }
    }

    void ended(Payload command, Operation.Outcome outcome) {
        Tally tally = commands.getOrDefault(command, new Tally());
        switch (outcome) {
            case OK -> tally.done++;
            case FAILED -> tally.maybeDone--;
            case UNKNOWN -> {}
        }
    }

    /** By command, how often it may have been applied. */
    Map<Payload, Tally> commands() {
        return commands;
    }
}
