package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Fault;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log of a disk that is full, and of one that isn't any more; not again and again while
 * one stands at the edge.
 */
final class DiskNews {
    private static final Logger LOG = LoggerFactory.getLogger(DiskNews.class);
    private static final long PAUSE_NANOS = 30_000_000_000L;

    private boolean toldEver;
    private boolean toldFull;
    private long toldNanos;
    private int untold;

    void tell(@Nullable Fault full, long nowNanos) {
        if (full == null && toldFull) {
            toldFull = false;
            LOG.info("There is room on the disk again; this host takes entries");
        } else if (full != null && (!toldEver || nowNanos - toldNanos >= PAUSE_NANOS)) {
            LOG.error("{}{}", full, untold == 0 ? "" : " (" + untold + " times since last told)");
            toldEver = true;
            toldFull = true;
            toldNanos = nowNanos;
            untold = 0;
        } else if (full != null) {
            untold++;
        }
    }
}
