package dev.lockstep.raft.core;

import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.UUID;

/**
 * Cores in virtual time whose messages take a millisecond and pass only where a directed graph lets
 * them. Disks and state machines answer at once.
 */
final class GraphWorld {
    static final RaftOptions OPTIONS = RaftOptions.defaults();
    static final long ELECTION_NANOS = OPTIONS.electionTimeout().toNanos();
    private static final long LATENCY_NANOS = 1_000_000;

    final int size;
    private final List<Server> servers = new ArrayList<>();
    private final PriorityQueue<Flight> network =
            new PriorityQueue<>(
                    Comparator.comparingLong(Flight::arrival).thenComparingLong(Flight::number));
    private long graph = -1;
    private long now;
    private long flights;

    private record Flight(long arrival, long number, int from, int to, Message message) {}

    /**
     * @param fresh whose logs hold one entry more, as bits
     */
    GraphWorld(int size, int fresh, long seed) {
        this.size = size;
        List<ReplicaId> ids = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            ids.add(new ReplicaId(NodeId.of("n" + (i + 1)), new UUID(3, i + 1)));
        }
        Founding founding = new Founding(new UUID(1, 1), Membership.ofVoters(ids), true);
        for (int i = 0; i < size; i++) {
            List<Entry> log =
                    CoreProbe.log((fresh >> i & 1) == 1 ? new long[] {1, 1} : new long[] {1});
            SimDisk disk = new SimDisk(founding, new HardState(1, null), log);
            servers.add(new Server(i, ids.get(i), disk, ids, seed * 31 + i));
        }
        servers.forEach(Server::drain);
    }

    /** Bit {@code from * size + to} says whether messages pass that way. */
    void setGraph(long edges) {
        graph = edges;
    }

    static boolean passes(long graph, int size, int from, int to) {
        return (graph >> (from * size + to) & 1) == 1;
    }

    long now() {
        return now;
    }

    /**
     * Who leads and can commit: both ways with a majority, its own entry committed; -1 for nobody.
     */
    int workingLeader() {
        for (Server server : servers) {
            RaftCore core = server.core;
            if (core.role() == Role.LEADER
                    && core.termAt(core.commitIndex()) == core.term()
                    && reachesMajority(graph, size, server.number)) {
                return server.number;
            }
        }
        return -1;
    }

    static boolean reachesMajority(long graph, int size, int server) {
        int both = 1;
        for (int other = 0; other < size; other++) {
            if (other != server
                    && passes(graph, size, server, other)
                    && passes(graph, size, other, server)) {
                both++;
            }
        }
        return both > size / 2;
    }

    long highestTerm() {
        return servers.stream().mapToLong(server -> server.core.term()).max().orElseThrow();
    }

    /** Goes on until somebody leads and can commit, or the time is over. */
    boolean runUntilLed(long untilNanos) {
        while (workingLeader() < 0 && now < untilNanos) {
            step(untilNanos);
        }
        return workingLeader() >= 0;
    }

    void run(long untilNanos) {
        while (now < untilNanos) {
            step(untilNanos);
        }
    }

    private void step(long untilNanos) {
        long next = network.isEmpty() ? Long.MAX_VALUE : network.peek().arrival();
        for (Server server : servers) {
            next = Math.min(next, server.core.deadlineNanos());
        }
        now = Math.max(now, Math.min(next, untilNanos));
        while (!network.isEmpty() && network.peek().arrival() <= now) {
            Flight flight = network.remove();
            Server to = servers.get(flight.to());
            to.step(new Event.Received(servers.get(flight.from()).id, flight.message()));
        }
        for (Server server : servers) {
            if (server.core.deadlineNanos() <= now) {
                server.step(Event.Wake.INSTANCE);
            }
        }
    }

    private final class Server implements Effect.Runner {
        private final int number;
        private final ReplicaId id;
        private final List<ReplicaId> ids;
        private final SimDisk disk;
        private final RaftCore core;
        private final List<Event> answers = new ArrayList<>();

        Server(int number, ReplicaId id, SimDisk disk, List<ReplicaId> ids, long seed) {
            this.number = number;
            this.id = id;
            this.ids = ids;
            this.disk = disk;
            List<NodeId> nodes = ids.stream().map(ReplicaId::node).toList();
            core = new RaftCore(disk.recovered(id), nodes, OPTIONS, seed, 0);
        }

        void step(Event event) {
            core.step(now, now / 1_000_000, event);
            drain();
        }

        void drain() {
            core.drainEffects(this);
            while (!answers.isEmpty()) {
                core.step(now, now / 1_000_000, answers.remove(0));
                core.drainEffects(this);
            }
        }

        @Override
        public void persist(Effect.Persist effect) {
            disk.append(effect);
            disk.syncOldest();
            answers.add(new Event.Persisted(effect.token()));
        }

        @Override
        public void send(Effect.Send effect) {
            int to = ids.indexOf(effect.to());
            if (passes(graph, size, number, to)) {
                network.add(
                        new Flight(now + LATENCY_NANOS, flights++, number, to, effect.message()));
            }
        }

        @Override
        public void apply(Effect.Apply effect) {
            List<Entry> entries = effect.entries();
            answers.add(new Event.Applied(entries.get(entries.size() - 1).index()));
        }

        @Override
        public void load(Effect.Load effect) {
            answers.add(
                    new Event.Loaded(effect.from(), disk.read(effect.from(), effect.maxBytes())));
        }

        @Override
        public void admitted(Effect.Admitted effect) {}

        @Override
        public void refused(Effect.Refused effect) {}

        @Override
        public void forward(Effect.Forward effect) {}

        @Override
        public void readReady(Effect.ReadReady effect) {}

        @Override
        public void readRefused(Effect.ReadRefused effect) {}

        @Override
        public void transferAborted(Effect.TransferAborted effect) {}

        @Override
        public void changeDone(Effect.ChangeDone effect) {}

        @Override
        public void changeRefused(Effect.ChangeRefused effect) {}

        @Override
        public void configurationChanged(Effect.ConfigurationChanged effect) {}

        @Override
        public void statesDiffer(Effect.StatesDiffer effect) {}

        @Override
        public void warned(Effect.Warned effect) {}

        @Override
        public void roleChanged(Effect.RoleChanged effect) {}

        @Override
        public void halt(Effect.Halt effect) {
            throw new AssertionError(id + " halted: " + effect.fault());
        }
    }
}
