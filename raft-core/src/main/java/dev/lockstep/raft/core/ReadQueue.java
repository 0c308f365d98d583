package dev.lockstep.raft.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A leader's reads that wait for a quorum to confirm it (§6.4). All that came between two drains
 * share one round; a round is confirmed by answers to heartbeats that left after its reads came,
 * never by earlier ones. Rounds are the leader's own count and die with its leadership, and so does
 * every index that was read under it.
 */
final class ReadQueue {
    /** Beyond so many, questions are refused: a leader that can't commit must not pile them up. */
    static final int MOST_WAITING = 10_000;

    private final ArrayDeque<Sealed> sealed = new ArrayDeque<>();
    private List<Ticket> fresh = new ArrayList<>();
    private long round;

    /** A round's reads, and the commit index when its heartbeats left. */
    record Sealed(long round, long index, List<Ticket> reads) {}

    void add(Ticket read) {
        fresh.add(read);
    }

    boolean isFull() {
        return fresh.size() + sealed.size() >= MOST_WAITING;
    }

    boolean hasFresh() {
        return !fresh.isEmpty();
    }

    /** The newest round: heartbeats that leave now confirm it. */
    long round() {
        return round;
    }

    /**
     * Puts all fresh reads into a new round, to be confirmed by heartbeats that leave from now on.
     */
    void seal(long commitIndex) {
        round++;
        sealed.addLast(new Sealed(round, commitIndex, fresh));
        fresh = new ArrayList<>();
    }

    /** Begins a round, so that answers to it tell that their heartbeats left from now on. */
    void nextRound() {
        round++;
    }

    /** Takes out every round that a quorum has confirmed. */
    void confirmed(long upToRound, Consumer<Sealed> reader) {
        while (!sealed.isEmpty() && sealed.peekFirst().round() <= upToRound) {
            reader.accept(sealed.removeFirst());
        }
    }

    boolean isEmpty() {
        return fresh.isEmpty() && sealed.isEmpty();
    }

    boolean isWaiting() {
        return !sealed.isEmpty();
    }

    /** Takes out everything, confirmed or not. */
    List<Ticket> abandon() {
        List<Ticket> all = new ArrayList<>();
        for (Sealed waiting : sealed) {
            all.addAll(waiting.reads());
        }
        all.addAll(fresh);
        sealed.clear();
        fresh = new ArrayList<>();
        return all;
    }
}
