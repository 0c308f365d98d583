package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.Stamped;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.ReadLevel;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.testkit.sim.SimulationError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads that promise less than linearizability. Each must see the state of just the log that it
 * says it saw; a sequential one at least the index that it asked for; and one of bounded staleness
 * every write that was acknowledged longer than its bound before it began.
 */
final class WeakReads {
    /** Clocks of machines run this much too fast or slow at the most. */
    private static final double MOST_DRIFT = 0.002;

    private final List<Seen> seen = new ArrayList<>();

    /** By virtual time, the greatest index that was acknowledged until then. */
    private final TreeMap<Long, Long> acknowledged = new TreeMap<>();

    private record Seen(Payload question, ReadLevel level, Stamped answer, long begunNanos) {}

    /** A write was acknowledged just now. */
    void acknowledged(long index, long nowNanos) {
        acknowledged.put(nowNanos, Math.max(index, acknowledgedBy(nowNanos)));
    }

    void answered(Payload question, ReadLevel level, Stamped answer, long begunNanos) {
        Seen read = new Seen(question, level, answer, begunNanos);
        seen.add(read);
        long least = leastIndex(read);
        require(answer.index() >= least, read, "must see at least index " + least);
    }

    long count() {
        return seen.size();
    }

    private long leastIndex(Seen read) {
        if (read.level() instanceof ReadLevel.Sequential sequential) {
            return sequential.atLeastIndex();
        }
        if (read.level() instanceof ReadLevel.BoundedStaleness stale) {
            double bound = stale.bound().toNanos() * (1 + MOST_DRIFT);
            return acknowledgedBy(read.begunNanos() - (long) bound - 1);
        }
        return 0;
    }

    private long acknowledgedBy(long nanos) {
        Map.Entry<Long, Long> latest = acknowledged.floorEntry(nanos);
        return latest == null ? 0 : latest.getValue();
    }

    /**
     * Compares each answer with the state at its index.
     *
     * @param log every command that was applied, in log order
     * @param state one to which nothing was applied yet
     */
    void check(List<Command> log, StateMachine state) {
        List<Seen> byIndex = new ArrayList<>(seen);
        byIndex.sort((a, b) -> Long.compare(a.answer().index(), b.answer().index()));
        int next = 0;
        for (Seen read : byIndex) {
            while (next < log.size() && log.get(next).position().index() <= read.answer().index()) {
                Payload unused = state.apply(log.get(next++));
            }
            Payload expected = state.query(read.question());
            require(read.answer().answer().equals(expected), read, "must see " + expected);
        }
    }

    private static void require(boolean condition, Seen read, String what) {
        if (!condition) {
            throw new SimulationError(read + " " + what);
        }
    }
}
