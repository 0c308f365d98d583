package dev.lockstep.raft.core;

import dev.lockstep.raft.model.RaftOptions;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * A leader's lease (§6.4.1). A follower that answers a heartbeat promises to elect nobody for a
 * while; its promise began when it got the heartbeat, hence not before that left. So it is counted
 * from the moment at which the round that it answers was first sent, never from the receipt of the
 * answer, and shortened by what two clocks may differ: with ρ the rate error of each, a promise of
 * {@code p} on the follower's clock covers {@code p (1 - ρ) / (1 + ρ)} on the leader's.
 *
 * <p>Wall time is used for nothing but to find out that a clock has jumped: then all that was
 * promised so far is void.
 */
final class LeaseKeeper {
    /** What {@link #promisedUntil} answers when nothing is promised. */
    static final long NEVER = Long.MIN_VALUE;

    /** The clocks are compared with how they stood that long ago, at the most. */
    private static final long BASELINE_NANOS = 10_000_000_000L;

    private static final double MILLION = 1e6;

    private final boolean enabled;
    private final int driftPpm;
    private final long markEveryNanos;
    private final long longestNanos;

    /** When rounds were first sent; one mark for all that leave soon after. */
    private final ArrayDeque<Mark> marks = new ArrayDeque<>();

    private boolean revoked;
    private boolean clocksKnown;
    private long baselineNanos;
    private long baselineOffset;

    private record Mark(long round, long sentNanos) {}

    LeaseKeeper(RaftOptions options) {
        enabled = options.leaseReads();
        driftPpm = options.clockDriftPpm();
        markEveryNanos = options.heartbeatInterval().toNanos() / 8;
        longestNanos = 2 * options.electionTimeout().toNanos();
    }

    boolean isEnabled() {
        return enabled;
    }

    /** No lease any more in this leadership: another was asked to campaign. */
    void revoke() {
        revoked = true;
    }

    /** Heartbeats with this round leave, perhaps again. */
    void sent(long round, long nowNanos) {
        Mark last = marks.peekLast();
        boolean covered =
                last != null
                        && (last.round() == round || nowNanos - last.sentNanos() < markEveryNanos);
        if (enabled && !covered) {
            marks.addLast(new Mark(round, nowNanos));
            while (nowNanos - marks.getFirst().sentNanos() > longestNanos) {
                marks.removeFirst();
            }
        }
    }

    /**
     * Until when whoever answers this round keeps its promise, on this leader's clock; {@link
     * #NEVER} when it promises nothing, or the round is too old.
     */
    long promisedUntil(long round, long promiseNanos) {
        if (promiseNanos > 0) {
            for (Iterator<Mark> newestFirst = marks.descendingIterator(); newestFirst.hasNext(); ) {
                Mark mark = newestFirst.next();
                if (mark.round() <= round) {
                    return mark.sentNanos() + shortened(promiseNanos);
                }
            }
        }
        return NEVER;
    }

    private long shortened(long promiseNanos) {
        return (long) (promiseNanos * ((MILLION - driftPpm) / (MILLION + driftPpm))) - 1;
    }

    /**
     * Looks at both clocks.
     *
     * @return whether one of them has jumped: what was promised before doesn't count, nor does an
     *     answer to any round that was sent before
     */
    boolean clockJumped(long nowNanos, long wallMillis) {
        long offset = Lease.offset(nowNanos, wallMillis);
        long elapsed = nowNanos - baselineNanos;
        double allowed = Lease.CLOCK_SLACK_NANOS + 2 * driftPpm / MILLION * elapsed;
        boolean jumped = clocksKnown && Math.abs(offset - baselineOffset) > allowed;
        if (jumped) {
            marks.clear();
        }
        if (jumped || !clocksKnown || elapsed > BASELINE_NANOS) {
            clocksKnown = true;
            baselineNanos = nowNanos;
            baselineOffset = offset;
        }
        return jumped;
    }

    /**
     * The lease that a quorum's promises make; null when it is over at this moment.
     *
     * @param promisedUntil what a quorum has reached of {@link #promisedUntil}
     */
    @Nullable Lease lease(long promisedUntil, long nowNanos, long wallMillis) {
        if (!enabled || revoked || promisedUntil == NEVER) {
            return null;
        }
        Lease lease = new Lease(promisedUntil, Lease.offset(nowNanos, wallMillis));
        return lease.holds(nowNanos, wallMillis) ? lease : null;
    }
}
