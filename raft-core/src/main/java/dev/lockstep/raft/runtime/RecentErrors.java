package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RecentError;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.RaftListener;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the last errors of a host, a few of them. The same one again counts once, with the
 * number of its times: a failed disk stops all groups for one reason, and a refused peer dials on.
 */
final class RecentErrors implements RaftListener {
    private static final int KEPT = 16;

    private final Clock clock;
    private final ArrayDeque<RecentError> kept = new ArrayDeque<>();

    RecentErrors(Clock clock) {
        this.clock = clock;
    }

    /** The latest last. Any thread may ask. */
    List<RecentError> list() {
        synchronized (kept) {
            return List.copyOf(kept);
        }
    }

    private void add(@Nullable GroupId group, String code, String message) {
        long now = clock.wallMillis();
        synchronized (kept) {
            RecentError error = new RecentError(now, 1, group, code, message);
            for (Iterator<RecentError> each = kept.iterator(); each.hasNext(); ) {
                RecentError old = each.next();
                if (old.code().equals(code) && old.message().equals(message)) {
                    each.remove();
                    error = new RecentError(now, old.times() + 1, old.group(), code, message);
                    break;
                }
            }
            kept.addLast(error);
            if (kept.size() > KEPT) {
                kept.removeFirst();
            }
        }
    }

    private void add(@Nullable GroupId group, @Nullable Fault fault) {
        if (fault != null) {
            add(group, fault.code().name(), fault.message());
        }
    }

    @Override
    public void halted(GroupId group, Fault fault) {
        add(group, fault);
    }

    @Override
    public void warned(GroupId group, @Nullable Fault fault) {
        add(group, fault);
    }

    @Override
    public void snapshotFailed(GroupId group, LogPosition at, Throwable why) {
        add(group, "SNAPSHOT_FAILED", "no snapshot could be taken: " + why);
    }

    @Override
    public void statesDiffer(GroupId group, long index, String evidence) {
        add(group, "STATES_DIFFER", "replicas differ at index " + index + ": " + evidence);
    }

    @Override
    public void diskFull(@Nullable Fault fault) {
        add(null, fault);
    }

    @Override
    public void peerRefused(@Nullable NodeId peer, Fault fault) {
        add(null, fault);
    }

    @Override
    public void loopStalled(String loop, Duration since, String stack) {
        add(null, "LOOP_STALLED", "loop " + loop + " was blocked in " + firstLine(stack));
    }

    private static String firstLine(String stack) {
        int end = stack.indexOf('\n');
        return end < 0 ? stack : stack.substring(0, end);
    }
}
