package dev.lockstep.raft.core;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.ReplicaId;
import java.util.ArrayDeque;
import java.util.List;

/**
 * What the leader knows of one follower's log, and what it has sent and not seen answered.
 *
 * <p>While <em>probing</em> it doesn't know where the logs agree, and sends one message at a time.
 * While <em>replicating</em> it sends ahead, within a window of messages and bytes.
 */
final class Progress {
    private static final int MOST_DOUBLINGS = 4;

    final ReplicaId replica;

    /** The follower durably holds the leader's log up to here; never goes back. */
    private long match;

    /** What the invariants saw last. */
    private long matchBefore;

    /** The index to send next; everything from {@code match + 1} to before it is on its way. */
    private long next;

    private boolean probing = true;

    /** Probing, and the one message that is allowed is on its way. */
    private boolean probeSent;

    /** The transport didn't take the last message: none is tried until {@link #tryAgain}. */
    private boolean held;

    private final ArrayDeque<InFlight> window = new ArrayDeque<>();
    private long inFlightBytes;

    /** Since when something is on its way, or could not leave, and no acknowledgement has come. */
    private long waitingSinceNanos;

    private long heardNanos;
    private boolean replaced;
    private long confirmedRound;

    private long stalledMillis;
    private int priority;

    /** Until when it elects nobody else, on this leader's clock. */
    private long promisedUntilNanos = LeaseKeeper.NEVER;

    /** The index from which on entries are being read back; 0 while none are. */
    private long loadingFrom;

    /**
     * Since when the snapshot that was offered is unanswered; meaningful while {@code offers > 0}.
     */
    private long offeredNanos;

    /** How often a snapshot was offered without anything coming of it. */
    private int offers;

    /** The snapshot that was offered first, which it may still be fetching; 0 for none. */
    private long fetching;

    /** The last of the leader's questions that it answered by falling asleep. */
    private long sleepsIn;

    private record InFlight(long last, long bytes) {}

    Progress(ReplicaId replica, long next, long nowNanos) {
        this.replica = replica;
        this.next = next;
        this.heardNanos = nowNanos;
    }

    /** Nobody is there any more to whom a message could be sent. */
    boolean isReplaced() {
        return replaced;
    }

    void setReplaced(boolean value) {
        replaced = value;
    }

    long match() {
        return match;
    }

    /** Since it was last asked; for {@link Invariants}. */
    boolean matchHasNotGoneBack() {
        boolean holds = match >= matchBefore;
        matchBefore = match;
        return holds;
    }

    long next() {
        return next;
    }

    long heardNanos() {
        return heardNanos;
    }

    long confirmedRound() {
        return confirmedRound;
    }

    boolean isProbing() {
        return probing;
    }

    int inFlightMessages() {
        return window.size();
    }

    long inFlightBytes() {
        return inFlightBytes;
    }

    void heard(long nowNanos) {
        heardNanos = nowNanos;
    }

    void sleeps(long attempt) {
        sleepsIn = attempt;
    }

    boolean sleepsIn(long attempt) {
        return sleepsIn == attempt;
    }

    /** Whether it holds the log up to that index and nothing is on its way to it. */
    boolean isSettledAt(long index) {
        return !replaced
                && !probing
                && window.isEmpty()
                && match == index
                && fetching == 0
                && stalledMillis == 0;
    }

    void confirmed(long round) {
        confirmedRound = Math.max(confirmedRound, round);
    }

    void health(long millis) {
        stalledMillis = millis;
    }

    void priority(int value) {
        priority = value;
    }

    long stalledMillis() {
        return stalledMillis;
    }

    int priority() {
        return priority;
    }

    /** Of two that are fit to lead: by priority, then by how much of the log it holds. */
    boolean isBetterThan(Progress other) {
        return priority != other.priority ? priority > other.priority : match > other.match;
    }

    long promisedUntilNanos() {
        return promisedUntilNanos;
    }

    void promised(long untilNanos) {
        promisedUntilNanos = Math.max(promisedUntilNanos, untilNanos);
    }

    void forgetPromise() {
        promisedUntilNanos = LeaseKeeper.NEVER;
    }

    /** Entries from an index on are being read back; until they are here, nothing is sent. */
    void loading(long from) {
        loadingFrom = from;
    }

    /** Whether the entries that were read from an index on are those to send next. */
    boolean loaded(long from) {
        if (loadingFrom != from) {
            return false;
        }
        loadingFrom = 0;
        return from == next;
    }

    /** Whether another message may leave. */
    boolean hasRoom(RaftOptions options) {
        if (replaced || held) {
            return false;
        }
        if (loadingFrom == next) { // else an acknowledgement has overtaken the reading
            return false;
        }
        return probing
                ? !probeSent
                : window.size() < options.maxInflightMessages()
                        && inFlightBytes < options.maxInflightBytes();
    }

    /** Entries from {@link #next} on, or none, have left. */
    void sent(List<Entry> entries, long nowNanos) {
        if (window.isEmpty() && !probeSent) {
            waitingSinceNanos = nowNanos;
        }
        if (probing) {
            probeSent = true;
            return;
        }
        long bytes = 0;
        for (int i = 0; i < entries.size(); i++) {
            bytes += entries.get(i).weightBytes();
        }
        next += entries.size();
        window.addLast(new InFlight(next - 1, bytes));
        inFlightBytes += bytes;
    }

    /**
     * What begins at that index was not sent. It and all behind it leave again when there is a
     * chance that the transport takes it, and count as on their way no longer.
     */
    void unsent(long from) {
        if (from <= match || from > next || probing && from != next) {
            return; // late: since then another place was tried, or more was accepted
        }
        held = true;
        if (probing) {
            probeSent = false;
            return;
        }
        while (!window.isEmpty() && window.peekLast().last() >= from) {
            inFlightBytes -= window.removeLast().bytes();
        }
        next = from;
    }

    /** Time has passed, or an acknowledgement shows that what was queued has left. */
    void tryAgain() {
        held = false;
    }

    /**
     * The follower holds everything up to an index; acknowledgements may come late, repeated or out
     * of order.
     */
    void accepted(long index, long nowNanos) {
        if (probing && index >= match) {
            replicateFrom(Math.max(index, match) + 1);
        }
        tryAgain();
        offers = index > match ? 0 : offers;
        match = Math.max(match, index);
        fetching = match >= fetching ? 0 : fetching;
        next = Math.max(next, match + 1);
        while (!window.isEmpty() && window.peekFirst().last() <= match) {
            inFlightBytes -= window.removeFirst().bytes();
            waitingSinceNanos = nowNanos;
        }
    }

    /**
     * The follower refused an append after {@code previous}.
     *
     * @param agreement the last index at which the logs may agree, as the follower's hint tells
     */
    void rejected(long previous, long agreement) {
        if (previous <= match || (probing && previous != next - 1)) {
            return; // late: since then the follower has accepted more, or another place was tried
        }
        probeFrom(Math.min(agreement, previous - 1) + 1);
    }

    /**
     * Whether a snapshot may be offered, for the first time or again: who isn't heard is told less
     * and less often.
     */
    boolean mayBeOffered(long nowNanos, long patienceNanos) {
        boolean heardSince = heardNanos >= offeredNanos;
        long doublings = heardSince ? 0 : Math.min(offers - 1, MOST_DOUBLINGS);
        return offers == 0 || nowNanos - offeredNanos >= patienceNanos << doublings;
    }

    /**
     * @param snapshot the index of the one that was offered
     * @param base where the log begins now: what is behind that leads nowhere
     */
    void offered(long nowNanos, long snapshot, long base) {
        offers = heardNanos >= offeredNanos ? 1 : offers + 1;
        offeredNanos = nowNanos;
        fetching = fetching < base || fetching == 0 ? snapshot : fetching;
    }

    /** The index of the snapshot that it was offered and doesn't have yet; 0 for none. */
    long fetching() {
        return fetching;
    }

    /** What was sent may be lost: begin again behind what the follower is known to hold. */
    void probeAgain() {
        offers = 0;
        tryAgain();
        if (probing) {
            probeSent = false;
        } else {
            probeFrom(match + 1);
        }
    }

    /** Whether what is on its way has been unanswered for that long. */
    boolean isStuck(long nowNanos, long patienceNanos) {
        return (held || probeSent || !window.isEmpty())
                && nowNanos - waitingSinceNanos >= patienceNanos;
    }

    private void probeFrom(long index) {
        probing = true;
        probeSent = false;
        held = false;
        loadingFrom = 0;
        window.clear();
        inFlightBytes = 0;
        next = Math.max(index, match + 1);
    }

    private void replicateFrom(long index) {
        probing = false;
        probeSent = false;
        next = index;
    }
}
