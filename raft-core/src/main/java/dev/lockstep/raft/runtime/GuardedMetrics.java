package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.spi.RaftMetrics;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what the user's metrics throw out of the host. It is said once: they are called often. */
final class GuardedMetrics implements RaftMetrics {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedMetrics.class);

    private final RaftMetrics metrics;
    private final AtomicBoolean told = new AtomicBoolean();

    private GuardedMetrics(RaftMetrics metrics) {
        this.metrics = metrics;
    }

    /** None stay none, so that whoever measures sees by one comparison that it needn't. */
    static RaftMetrics of(RaftMetrics metrics) {
        return metrics == NONE ? NONE : new GuardedMetrics(metrics);
    }

    private void threw(Throwable e) {
        if (told.compareAndSet(false, true)) {
            LOG.error("The metrics of this host threw; it goes on, and says it no more", e);
        }
    }

    @Override
    public void mailboxWaited(long nanos) {
        try {
            metrics.mailboxWaited(nanos);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void batchStepped(long nanos, int replicas) {
        try {
            metrics.batchStepped(nanos, replicas);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void logWritten(long waitNanos, long nanos, int writes, long bytes) {
        try {
            metrics.logWritten(waitNanos, nanos, writes, bytes);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void acknowledged(GroupId group, NodeId peer, long nanos) {
        try {
            metrics.acknowledged(group, peer, nanos);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void committed(GroupId group, long nanos) {
        try {
            metrics.committed(group, nanos);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void applied(GroupId group, long waitNanos, long nanos, int entries) {
        try {
            metrics.applied(group, waitNanos, nanos, entries);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void completed(GroupId group, long nanos, long totalNanos) {
        try {
            metrics.completed(group, nanos, totalNanos);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void proposalRefused(GroupId group, NotDone.Reason why) {
        try {
            metrics.proposalRefused(group, why);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void proposalUnknown(GroupId group) {
        try {
            metrics.proposalUnknown(group);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void entriesSent(GroupId group, NodeId peer, int entries, long bytes) {
        try {
            metrics.entriesSent(group, peer, entries, bytes);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void snapshotSent(GroupId group, NodeId peer, long bytes) {
        try {
            metrics.snapshotSent(group, peer, bytes);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void snapshotTaken(GroupId group) {
        try {
            metrics.snapshotTaken(group);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void snapshotFailed(GroupId group) {
        try {
            metrics.snapshotFailed(group);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void snapshotInstalled(GroupId group) {
        try {
            metrics.snapshotInstalled(group);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void electionBegun(GroupId group) {
        try {
            metrics.electionBegun(group);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void leadershipChanged(GroupId group, boolean here) {
        try {
            metrics.leadershipChanged(group, here);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void faulted(Fault.Code code) {
        try {
            metrics.faulted(code);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void peerRefused(Fault.Code code) {
        try {
            metrics.peerRefused(code);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void loopStalled(String loop) {
        try {
            metrics.loopStalled(loop);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void groupOpened(GroupId group) {
        try {
            metrics.groupOpened(group);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void groupClosed(GroupId group) {
        try {
            metrics.groupClosed(group);
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    @Override
    public void hostClosed() {
        try {
            metrics.hostClosed();
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }
}
