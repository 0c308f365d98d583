package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.NotDone;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The linearizable reads of one replica. Used in the host's loop only. All that came between two
 * drains share one question to the core; a question that stays without an answer is asked again,
 * which a read allows, under a new id.
 */
final class Reads {
    private final TreeMap<Long, Asked> asked = new TreeMap<>();
    private final ArrayDeque<Ready> ready = new ArrayDeque<>();

    /** Given to the state machine, oldest first; it may be stuck, and they have their deadlines. */
    private final ArrayDeque<PendingRead> running = new ArrayDeque<>();

    private List<PendingRead> fresh = new ArrayList<>();
    private long lastId;

    /** No read's time is over before; it may be that of a read that has ended. */
    private long deadlineNanos = Long.MAX_VALUE;

    /**
     * @param firstId drawn at random, so that an answer to an earlier process of this replica,
     *     whose reads began earlier, isn't taken for one to this
     */
    Reads(long firstId) {
        lastId = firstId;
    }

    private record Asked(long sinceNanos, List<PendingRead> reads) {}

    private record Ready(long index, List<PendingRead> reads) {}

    void add(PendingRead read) {
        fresh.add(read);
        deadlineNanos = Math.min(deadlineNanos, read.deadlineNanos);
    }

    long deadlineNanos() {
        return deadlineNanos;
    }

    boolean hasFresh() {
        return !fresh.isEmpty();
    }

    /** Whether some are to be asked for, or wait for the answer. */
    boolean isAsking() {
        return !fresh.isEmpty() || !asked.isEmpty();
    }

    boolean isEmpty() {
        return !isAsking() && ready.isEmpty() && running.isEmpty();
    }

    /** Makes one question of all fresh reads; returns its id. */
    long ask(long nowNanos) {
        lastId++;
        asked.put(lastId, new Asked(nowNanos, fresh));
        fresh = new ArrayList<>();
        return lastId;
    }

    /** The reads of a question may run once {@code index} is applied. */
    void ready(long id, long index) {
        Asked answered = asked.remove(id);
        if (answered != null) {
            ready.addLast(new Ready(index, answered.reads()));
        }
    }

    /** Nobody could answer: the reads will be asked for again. */
    void refused(long id) {
        Asked refused = asked.remove(id);
        if (refused != null) {
            fresh.addAll(refused.reads());
        }
    }

    /**
     * Takes back the questions that were asked before a moment, since question or answer may be
     * lost.
     */
    void askAgain(long beforeNanos) {
        while (!asked.isEmpty() && asked.firstEntry().getValue().sinceNanos() <= beforeNanos) {
            fresh.addAll(asked.pollFirstEntry().getValue().reads());
        }
    }

    /**
     * Lets the reads run whose index was handed to the state machine; they queue up behind it
     * there.
     */
    void run(long handedIndex, Consumer<PendingRead> reader) {
        for (Iterator<Ready> all = ready.iterator(); all.hasNext(); ) {
            Ready next = all.next();
            if (next.index() <= handedIndex) {
                all.remove();
                for (PendingRead read : next.reads()) {
                    running(read);
                    reader.accept(read);
                }
            }
        }
    }

    /** The state machine was asked; only the deadline is watched from now on. */
    void running(PendingRead read) {
        while (!running.isEmpty() && running.peekFirst().hasEnded()) {
            running.removeFirst();
        }
        running.addLast(read);
        deadlineNanos = Math.min(deadlineNanos, read.deadlineNanos);
    }

    /** Ends the reads whose time is over. */
    void expire(long nowNanos, Consumer<PendingRead> end) {
        deadlineNanos = Long.MAX_VALUE;
        expire(fresh, nowNanos, end);
        for (Map.Entry<Long, Asked> question : asked.entrySet()) {
            expire(question.getValue().reads(), nowNanos, end);
        }
        for (Ready answered : ready) {
            expire(answered.reads(), nowNanos, end);
        }
        running.removeIf(PendingRead::hasEnded);
        expire(running, nowNanos, end);
    }

    private void expire(Collection<PendingRead> reads, long nowNanos, Consumer<PendingRead> end) {
        reads.removeIf(
                read -> {
                    if (read.deadlineNanos > nowNanos) {
                        deadlineNanos = Math.min(deadlineNanos, read.deadlineNanos);
                        return false;
                    }
                    end.accept(read);
                    return true;
                });
    }

    void endAll(Consumer<PendingRead> end) {
        expire(Long.MAX_VALUE, end);
        fresh.clear();
        asked.clear();
        ready.clear();
        running.clear();
    }

    static NotDone expired() {
        return new NotDone(
                NotDone.Reason.NO_LEADER,
                "no leader confirmed the read before its deadline; ask again");
    }
}
