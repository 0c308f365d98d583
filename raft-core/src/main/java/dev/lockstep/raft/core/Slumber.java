package dev.lockstep.raft.core;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.RequestReadIndex;
import dev.lockstep.raft.message.RequestSleep;
import dev.lockstep.raft.message.SleepReply;
import dev.lockstep.raft.model.NodeId;
import java.util.ArrayList;
import java.util.List;

/**
 * A leader's sleep. When nobody has used the group for a while, and everybody holds and has
 * committed all of the log, the leader asks all members in place of a heartbeat whether they agree.
 * Once all of them have answered that they sleep, it sends nothing more and misses nobody.
 *
 * <p>Nothing that is safe rests on who sleeps. A replica that sleeps has its term, vote and log as
 * any other; it only waits for no time. A leader that sleeps confirms no read but by a round of
 * heartbeats, as ever, and its lease ends as promised. What wakes one wakes all: a leader that
 * wakes sends heartbeats at once, a follower that wakes says so to its leader, and if nobody leads,
 * it campaigns in the end, which wakes the others.
 *
 * <p>A minority whose hosts aren't connected is left out: one dead host must not keep thousands of
 * groups awake. When such a host is there again, the leaders that sleep without it wake.
 */
final class Slumber {
    private final RaftCore core;
    private final Leader leader;
    private final Followers followers;
    private long usedNanos = Long.MIN_VALUE;

    /** Counts the questions, and what has made the answers to the last one worthless. */
    private long attempt;

    private boolean asking;
    private long askedNanos;
    private boolean asleep;

    /** Whether it has slept, and not everybody was heard since. */
    private boolean waking;

    private long wokenNanos;

    /** What needs to know who is there, asked for while nobody was heard. */
    private List<Event> postponed = List.of();

    Slumber(RaftCore core, Leader leader, Followers followers) {
        this.core = core;
        this.leader = leader;
        this.followers = followers;
        used(false);
    }

    boolean isAsleep() {
        return asleep;
    }

    /** Whether an event is a use of the group, rather than a part of its quiet. */
    static boolean isUse(Event event) {
        if (event instanceof Event.Received received) {
            Message message = received.message();
            return !(message instanceof HeartbeatReply
                    || message instanceof AppendAccepted
                    || message instanceof RequestSleep
                    || message instanceof SleepReply);
        }
        return event instanceof Event.Propose
                || event instanceof Event.Read
                || event instanceof Event.Transfer
                || event instanceof Event.ChangeMembership
                || event instanceof Event.Unwritten
                || event instanceof Event.Damaged;
    }

    /** Whether an event is what a client asks for, rather than a replica that isn't sure. */
    static boolean isOfClient(Event event) {
        if (event instanceof Event.Received received) {
            return received.message() instanceof ForwardProposal
                    || received.message() instanceof RequestReadIndex;
        }
        return event instanceof Event.Propose
                || event instanceof Event.Read
                || event instanceof Event.Transfer
                || event instanceof Event.ChangeMembership;
    }

    /**
     * Somebody needs the leader awake: for a while after a client; after anything else only until
     * all have been heard. Else one host that is late for a moment would keep thousands of groups
     * awake, which makes it later.
     *
     * @return whether it has slept
     */
    boolean used(boolean byClient) {
        long quietNanos = core.options.sleepAfter().toNanos();
        if (quietNanos == 0) {
            return false;
        }
        boolean slept = asleep;
        long timeout = core.options.electionTimeout().toNanos();
        usedNanos =
                byClient ? core.now() : Math.max(usedNanos, core.now() - (quietNanos - timeout));
        attempt += asking || asleep ? 1 : 0;
        asking = false;
        asleep = false;
        if (slept) {
            waking = true;
            wokenNanos = core.now();
            followers.excuseSilence();
            core.health.disk.excuse(core.now());
        }
        return slept;
    }

    /** Called in place of each round of heartbeats: whether none is to leave. */
    boolean takesTheirPlace() {
        if (asking) {
            if (core.now() - askedNanos < core.options.electionTimeout().toNanos() / 2) {
                return true;
            }
            used(false); // somebody doesn't answer: heartbeats wake those who did
            return false;
        }
        long quietNanos = core.options.sleepAfter().toNanos();
        if (quietNanos == 0 || core.now() - usedNanos < quietNanos || !isSettled()) {
            return false;
        }
        attempt++;
        asking = true;
        askedNanos = core.now();
        for (Progress follower : followers) {
            core.outbox.send(
                    follower.replica, new RequestSleep(core.term(), core.log.last(), attempt));
        }
        sleepIfAllDo();
        return true;
    }

    /** Whether nothing at all is left to do here, nor, as far as is known, elsewhere. */
    private boolean isSettled() {
        long last = core.log.lastIndex();
        return core.commits.applied() == last
                && core.durableIndex() == last
                && core.health.isIdle()
                && core.snapshots.isIdle()
                && leader.isIdle()
                && followers.areSettled();
    }

    void onReply(Progress follower, SleepReply reply) {
        if (!reply.asleep()) {
            leader.onUse(follower.replica, false);
        } else if (asking && reply.attempt() == attempt) {
            follower.sleeps(attempt);
            sleepIfAllDo();
        }
    }

    private void sleepIfAllDo() {
        for (Progress follower : followers) {
            if (!follower.sleepsIn(attempt) && !followers.isGone(follower)) {
                return;
            }
        }
        asking = false;
        asleep = true;
    }

    // ---- waking ----

    /** Whether it sleeps, or is about to, without having asked those of that host. */
    boolean leavesOut(NodeId host) {
        if (asking || asleep) {
            for (Progress follower : followers) {
                if (follower.replica.node().equals(host) && !follower.sleepsIn(attempt)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Puts off what needs to know who is there, where nobody was heard for the sake of sleep.
     *
     * @return whether it did
     */
    boolean postpones(Event event) {
        if (!isWaking()) {
            return false;
        }
        List<Event> all = new ArrayList<>(postponed);
        all.add(event);
        postponed = all;
        return true;
    }

    private boolean isWaking() {
        if (waking) {
            waking =
                    core.now() - wokenNanos < core.options.electionTimeout().toNanos() / 2
                            && !followers.areAllHeardSince(wokenNanos);
        }
        return waking;
    }

    /** Takes out what was put off, once it needs to wait no longer. */
    List<Event> takePostponed(boolean anyway) {
        if (postponed.isEmpty() || (isWaking() && !anyway)) {
            return List.of();
        }
        List<Event> all = postponed;
        postponed = List.of();
        return all;
    }
}
