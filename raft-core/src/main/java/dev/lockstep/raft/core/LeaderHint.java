package dev.lockstep.raft.core;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import org.jspecify.annotations.Nullable;

/**
 * A broken connection as a hint that the leader's process has died, so that nobody needs to wait
 * the election timeout out. It speaks of one leader in one term; it counts only once redialling was
 * refused or unanswered for a heartbeat interval; any message from that leader ends it, and so does
 * a connection. Hence a network blip, or a reload of certificates that breaks all connections,
 * elects nobody. It decides only who asks and who is asked, never who wins.
 */
final class LeaderHint {
    private final RaftCore core;
    private @Nullable ReplicaId leader;
    private long term;
    private long brokenNanos;
    private long notBeforeNanos = Long.MIN_VALUE;

    LeaderHint(RaftCore core) {
        this.core = core;
    }

    /** A connection broke; whether it was the one to the leader. */
    boolean disconnected(NodeId peer) {
        ReplicaId current = core.leader();
        if (current == null || !current.node().equals(peer)) {
            return false;
        }
        leader = current;
        term = core.term();
        brokenNanos = core.now();
        return true;
    }

    void connected(NodeId peer) {
        if (leader != null && leader.node().equals(peer)) {
            leader = null;
        }
    }

    void heard() {
        leader = null;
    }

    /** Whether it says now that the present leader is gone. */
    boolean isActive() {
        return leader != null
                && leader.equals(core.leader())
                && term == core.term()
                && core.now() - activeNanos() >= 0;
    }

    long activeNanos() {
        return brokenNanos + core.options.heartbeatInterval().toNanos();
    }

    /** Whether this server may campaign by a hint, which it may once in two election timeouts. */
    boolean mayHurry() {
        return notBeforeNanos == Long.MIN_VALUE || core.now() - notBeforeNanos >= 0;
    }

    void hurried() {
        notBeforeNanos = core.now() + 2 * core.options.electionTimeout().toNanos();
    }
}
