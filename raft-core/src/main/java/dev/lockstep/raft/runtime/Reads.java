package dev.lockstep.raft.runtime;

import dev.lockstep.raft.core.Event;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.spi.ReadLevel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The reads of one replica that wait for something. Used in the host's loop only. All that came
 * between two drains share one question to the core; a question that stays without an answer is
 * asked again, which a read allows, under a new id.
 *
 * <p>What the latest answered question told, and when it was asked, is kept: every write that was
 * acknowledged before that moment is at or below that index, for ever. So it answers every read
 * that may be as old.
 */
final class Reads {
    private final TreeMap<Long, Asked> asked = new TreeMap<>();

    /** What may run once an index is handed to the state machine, by that index. */
    private final TreeMap<Long, List<PendingRead>> ready = new TreeMap<>();

    /** Given to the state machine, oldest first; it may be stuck, and they have their deadlines. */
    private final ArrayDeque<PendingRead> running = new ArrayDeque<>();

    private List<PendingRead> fresh = new ArrayList<>();
    private List<PendingRead> freshByLease = new ArrayList<>();
    private long lastId;

    /** What the latest answered question told; -1 before the first. */
    private long confirmedIndex = -1;

    /** When that was asked. */
    private long confirmedNanos;

    /** No read's time is over before; it may be that of a read that has ended. */
    private long deadlineNanos = Long.MAX_VALUE;

    /**
     * @param firstId drawn at random, so that an answer to an earlier process of this replica,
     *     whose reads began earlier, isn't taken for one to this
     */
    Reads(long firstId) {
        lastId = firstId;
    }

    private record Asked(long sinceNanos, boolean byLease, List<PendingRead> reads) {}

    /** Takes one of any level but {@link ReadLevel#LOCAL}. */
    void add(PendingRead read, ReadLevel level) {
        deadlineNanos = Math.min(deadlineNanos, read.deadlineNanos);
        if (level instanceof ReadLevel.Sequential sequential) {
            readyAt(sequential.atLeastIndex()).add(read);
        } else if (level instanceof ReadLevel.BoundedStaleness stale
                && confirmedIndex >= 0
                && read.begunNanos - confirmedNanos <= stale.bound().toNanos()) {
            readyAt(confirmedIndex).add(read);
        } else if (level instanceof ReadLevel.Lease) {
            freshByLease.add(read);
        } else {
            fresh.add(read);
        }
    }

    private List<PendingRead> readyAt(long index) {
        return ready.computeIfAbsent(index, i -> new ArrayList<>());
    }

    long deadlineNanos() {
        return deadlineNanos;
    }

    boolean hasFresh() {
        return !fresh.isEmpty() || !freshByLease.isEmpty();
    }

    /** Whether some are to be asked for, or wait for the answer. */
    boolean isAsking() {
        return hasFresh() || !asked.isEmpty();
    }

    boolean isEmpty() {
        return !isAsking() && ready.isEmpty() && running.isEmpty();
    }

    /** Makes a question of all fresh reads, and another of those that may be answered by lease. */
    void ask(long nowNanos, Consumer<Event.Read> core) {
        List<PendingRead> confirmed = fresh;
        List<PendingRead> byLease = freshByLease;
        fresh = new ArrayList<>();
        freshByLease = new ArrayList<>();
        ask(new Asked(nowNanos, false, confirmed), core);
        ask(new Asked(nowNanos, true, byLease), core);
    }

    private void ask(Asked question, Consumer<Event.Read> core) {
        if (!question.reads().isEmpty()) {
            lastId++;
            asked.put(lastId, question);
            core.accept(new Event.Read(lastId, question.byLease()));
        }
    }

    /**
     * The reads of a question may run once {@code index} is applied.
     *
     * @param check what each is to look at again when it has run
     */
    void ready(long id, long index, Function<PendingRead, @Nullable LeaseCheck> check) {
        Asked answered = asked.remove(id);
        if (answered != null) {
            answered.reads().forEach(read -> read.check = check.apply(read));
            readyAt(index).addAll(answered.reads());
            // What rests on a lease rests on more than one clock; reads of bounded staleness don't.
            boolean later = confirmedIndex < 0 || answered.sinceNanos() - confirmedNanos > 0;
            if (!answered.byLease() && later) {
                confirmedIndex = index;
                confirmedNanos = answered.sinceNanos();
            }
        }
    }

    /** Nobody could answer: the reads will be asked for again. */
    void refused(long id) {
        Asked refused = asked.remove(id);
        if (refused != null) {
            takeBack(refused);
        }
    }

    /**
     * Takes back the questions that were asked before a moment, since question or answer may be
     * lost.
     */
    void askAgain(long beforeNanos) {
        while (!asked.isEmpty() && asked.firstEntry().getValue().sinceNanos() <= beforeNanos) {
            takeBack(asked.pollFirstEntry().getValue());
        }
    }

    private void takeBack(Asked question) {
        (question.byLease() ? freshByLease : fresh).addAll(question.reads());
    }

    /**
     * Lets the reads run whose index was handed to the state machine; they queue up behind it
     * there.
     */
    void run(long handedIndex, Consumer<PendingRead> reader) {
        while (!ready.isEmpty() && ready.firstKey() <= handedIndex) {
            for (PendingRead read : ready.pollFirstEntry().getValue()) {
                running(read);
                reader.accept(read);
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
    void expire(long nowNanos, BiConsumer<PendingRead, NotDone> end) {
        deadlineNanos = Long.MAX_VALUE;
        expire(fresh, nowNanos, read -> end.accept(read, unconfirmed()));
        expire(freshByLease, nowNanos, read -> end.accept(read, unconfirmed()));
        for (Asked question : asked.values()) {
            expire(question.reads(), nowNanos, read -> end.accept(read, unconfirmed()));
        }
        for (Map.Entry<Long, List<PendingRead>> waiting : ready.entrySet()) {
            long index = waiting.getKey();
            expire(waiting.getValue(), nowNanos, read -> end.accept(read, behind(index)));
        }
        ready.values().removeIf(List::isEmpty);
        running.removeIf(PendingRead::hasEnded);
        expire(running, nowNanos, read -> end.accept(read, unanswered()));
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
        expire(Long.MAX_VALUE, (read, why) -> end.accept(read));
        fresh.clear();
        freshByLease.clear();
        asked.clear();
        ready.clear();
        running.clear();
    }

    private static NotDone unconfirmed() {
        return new NotDone(
                NotDone.Reason.NO_LEADER,
                "no leader confirmed the read before its deadline; ask again");
    }

    private static NotDone behind(long index) {
        return new NotDone(
                NotDone.Reason.BEHIND,
                "this replica had not got to index "
                        + index
                        + ", which the read needs, before its deadline; ask again, or another replica");
    }

    private static NotDone unanswered() {
        return new NotDone(
                NotDone.Reason.BEHIND,
                "the state machine of this replica did not get to the read before its deadline; ask"
                        + " again, or another replica");
    }
}
