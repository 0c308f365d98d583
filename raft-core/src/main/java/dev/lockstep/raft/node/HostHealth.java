package dev.lockstep.raft.node;

import dev.lockstep.raft.runtime.HostInsight;
import java.util.List;

/**
 * How a host is, as two questions that must not be mixed up.
 *
 * @param notLive why the process should be restarted; empty when it shouldn't. Only what a restart
 *     may mend is here: the event loop, or the loop that ends futures, is blocked, or the host was
 *     closed. A cluster without a majority is no reason, and neither is a disk that hangs
 * @param notReady why it should be sent no work now; empty when it may be. A group knows no leader,
 *     has a fault or much to apply; a loop is blocked; the disk has failed. A full disk is none:
 *     this host still forwards proposals to a leader with room
 */
public record HostHealth(List<String> notLive, List<String> notReady) {
    public HostHealth {
        notLive = List.copyOf(notLive);
        notReady = List.copyOf(notReady);
    }

    static HostHealth of(HostInsight.Verdict verdict) {
        return new HostHealth(verdict.notLive(), verdict.notReady());
    }

    public boolean isLive() {
        return notLive.isEmpty();
    }

    public boolean isReady() {
        return notReady.isEmpty();
    }
}
