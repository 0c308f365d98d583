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
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Answers and the places in the log where they say they were given. A write stands behind all that
 * was seen before it began, and its answer is that of the command there. A read sees the state of
 * just the log that it says it saw: a linearizable one all that was seen before it began, which
 * with the order of the log proves the history linearizable; a sequential one at least the index
 * that it asked for; and one of bounded staleness every write that was acknowledged longer than its
 * bound before it began.
 */
final class PlacedAnswers {
    /** Clocks of machines run this much too fast or slow at the most. */
    private static final double MOST_DRIFT = 0.002;

    private long reached;
    private final List<Seen> seen = new ArrayList<>();

    /** By virtual time, the greatest index that was acknowledged until then. */
    private final TreeMap<Long, Long> acknowledged = new TreeMap<>();

    private record Seen(
            Payload question,
            ReadLevel level,
            Stamped answer,
            long reachedBefore,
            long begunNanos) {}

    /** Whether a read of this level sees all that was seen before it began. */
    static boolean isLinearizable(ReadLevel level) {
        return level == ReadLevel.LINEARIZABLE || level == ReadLevel.LEASE;
    }

    /** How far in the log the writes and linearizable reads have reached that have ended. */
    long reached() {
        return reached;
    }

    /**
     * A write was acknowledged just now.
     *
     * @param reachedBefore what {@link #reached} was when it began
     * @param applied what the state machine answered at that index; null when nothing was applied
     *     there
     */
    void acknowledged(
            Stamped answer, long reachedBefore, @Nullable Payload applied, long nowNanos) {
        if (answer.index() <= reachedBefore || !Objects.equals(answer.answer(), applied)) {
            throw new SimulationError(
                    "a write that began after index "
                            + reachedBefore
                            + " was seen is told "
                            + answer
                            + ", and what was applied there was answered with "
                            + applied);
        }
        reached = Math.max(reached, answer.index());
        acknowledged.put(nowNanos, Math.max(answer.index(), acknowledgedBy(nowNanos)));
    }

    void answered(
            Payload question,
            ReadLevel level,
            Stamped answer,
            long reachedBefore,
            long begunNanos) {
        Seen read = new Seen(question, level, answer, reachedBefore, begunNanos);
        seen.add(read);
        long least = leastIndex(read);
        require(answer.index() >= least, read, "must see at least index " + least);
        if (isLinearizable(level)) {
            reached = Math.max(reached, answer.index());
        }
    }

    long count() {
        return seen.size();
    }

    private long leastIndex(Seen read) {
        if (isLinearizable(read.level())) {
            return read.reachedBefore();
        }
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
