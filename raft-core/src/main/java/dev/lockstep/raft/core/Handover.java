package dev.lockstep.raft.core;

import org.jspecify.annotations.Nullable;

/**
 * When a leader gives way without being asked to: because its own disk or state machine is stuck
 * (progress-coupled leadership), or because a voter of higher priority is there. Only ever to one
 * that is heard, holds the whole log and says that it is in better health: a load that slows
 * everyone deposes nobody.
 */
final class Handover {
    /** The id of transfers that nobody asked for. */
    static final long UNASKED = -1;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final RaftCore core;
    private final Followers followers;
    private long nextRescueNanos;
    private long nextCourtesyNanos;

    Handover(RaftCore core, Followers followers) {
        this.core = core;
        this.followers = followers;
        // A new leader stays for a while, so that two that disagree can't pass leadership to and
        // fro.
        this.nextRescueNanos = core.now();
        this.nextCourtesyNanos = core.now() + 2 * core.options.electionTimeout().toNanos();
    }

    /** Called at each heartbeat: who should lead instead; null when nobody should. */
    @Nullable Progress successor() {
        long timeout = core.options.electionTimeout().toNanos();
        long stalled = core.health.stalledNanos();
        Progress better = null;
        if (stalled >= timeout && core.now() - nextRescueNanos >= 0) {
            better = healthiest(Integer.MIN_VALUE);
            nextRescueNanos = better == null ? nextRescueNanos : core.now() + 2 * timeout;
        } else if (stalled < timeout && core.now() - nextCourtesyNanos >= 0) {
            better = healthiest(core.options.electionPriority());
            nextCourtesyNanos = better == null ? nextCourtesyNanos : core.now() + 4 * timeout;
        }
        return better;
    }

    /** The follower of highest priority above the one given that is fit to lead. */
    private @Nullable Progress healthiest(int abovePriority) {
        long mostStalledNanos = core.options.electionTimeout().toNanos() / 2;
        Progress best = null;
        for (Progress follower : followers) {
            boolean fit =
                    followers.isFit(follower)
                            && follower.match() >= core.commits.committed()
                            && follower.stalledMillis() * NANOS_PER_MILLI < mostStalledNanos
                            && follower.priority() > abovePriority;
            if (fit && (best == null || follower.isBetterThan(best))) {
                best = follower;
            }
        }
        return best;
    }
}
