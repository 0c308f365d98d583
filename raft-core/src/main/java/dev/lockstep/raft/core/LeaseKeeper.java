package dev.lockstep.raft.core;

import dev.lockstep.raft.message.HeartbeatReply;
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

    private final RaftCore core;
    private final Followers followers;
    private final ReadQueue reads;

    /** When rounds were first sent; one mark for all that leave soon after. */
    private final ArrayDeque<Mark> marks = new ArrayDeque<>();

    private boolean revoked;
    private boolean clocksKnown;
    private long baselineNanos;
    private long baselineOffset;

    private record Mark(long round, long sentNanos) {}

    LeaseKeeper(RaftCore core, Followers followers, ReadQueue reads) {
        this.core = core;
        this.followers = followers;
        this.reads = reads;
    }

    /** No lease any more in this leadership: another was asked to campaign. */
    void revoke() {
        revoked = true;
    }

    /** Called before each interval's heartbeats: the answers to them prolong the lease. */
    void onHeartbeat() {
        if (core.options.leaseReads()) {
            watchClocks();
            reads.nextRound();
        }
    }

    /** Heartbeats with the newest round leave, perhaps again. */
    void sent() {
        long round = reads.round();
        long nowNanos = core.now();
        Mark last = marks.peekLast();
        boolean covered =
                last != null
                        && (last.round() == round
                                || nowNanos - last.sentNanos()
                                        < core.options.heartbeatInterval().toNanos() / 8);
        if (core.options.leaseReads() && !covered) {
            marks.addLast(new Mark(round, nowNanos));
            while (nowNanos - marks.getFirst().sentNanos()
                    > 2 * core.options.electionTimeout().toNanos()) {
                marks.removeFirst();
            }
        }
    }

    /** A follower answers a heartbeat. */
    void promised(Progress follower, HeartbeatReply reply) {
        follower.promised(promisedUntil(reply.round(), reply.promiseNanos()));
    }

    /**
     * Until when whoever answers this round keeps its promise, on this leader's clock; {@link
     * #NEVER} when it promises nothing, or the round is too old.
     */
    private long promisedUntil(long round, long promiseNanos) {
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
        int driftPpm = core.options.clockDriftPpm();
        return (long) (promiseNanos * ((MILLION - driftPpm) / (MILLION + driftPpm))) - 1;
    }

    /**
     * Looks at both clocks. When one of them has jumped, what was promised before doesn't count,
     * nor does an answer to any round that was sent before.
     */
    private void watchClocks() {
        if (clockJumped()) {
            marks.clear();
            followers.forEach(Progress::forgetPromise);
            reads.nextRound();
        }
    }

    private boolean clockJumped() {
        long nowNanos = core.now();
        long offset = Lease.offset(nowNanos, core.wallMillis());
        int driftPpm = core.options.clockDriftPpm();
        long elapsed = nowNanos - baselineNanos;
        double allowed = Lease.CLOCK_SLACK_NANOS + 2 * driftPpm / MILLION * elapsed;
        boolean jumped = clocksKnown && Math.abs(offset - baselineOffset) > allowed;
        if (jumped || !clocksKnown || elapsed > BASELINE_NANOS) {
            clocksKnown = true;
            baselineNanos = nowNanos;
            baselineOffset = offset;
        }
        return jumped;
    }

    /** The lease that a quorum's promises make; null when there is none at this moment. */
    @Nullable Lease lease() {
        if (!core.options.leaseReads() || revoked) {
            return null;
        }
        watchClocks();
        long own = core.now() + core.options.electionTimeout().toNanos();
        long until = followers.reached(own, Progress::promisedUntilNanos);
        if (until == NEVER) {
            return null;
        }
        Lease lease = new Lease(until, Lease.offset(core.now(), core.wallMillis()));
        return lease.holds(core.now(), core.wallMillis()) ? lease : null;
    }
}
