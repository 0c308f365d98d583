package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;

/**
 * Hears how long things take in a host, and how often they happen. Times are of the host's {@link
 * Clock}, in nanoseconds. Called by the thread that did the thing, so by several at once: return at
 * once, block never. What it throws is caught, and said once.
 *
 * <p>The first seven are the hops of a proposal, in their order (docs/architecture.md). Without
 * metrics no clock is read for any of them. Where each of thousands of entries a second would have
 * to be kept in mind, one at a time is: {@link #acknowledged} and {@link #committed} are samples.
 */
public interface RaftMetrics {
    /** Measures nothing. */
    RaftMetrics NONE = new RaftMetrics() {};

    /**
     * The event loop came to its mailbox.
     *
     * @param nanos how long the first task of the batch has waited there
     */
    default void mailboxWaited(long nanos) {}

    /**
     * The event loop has stepped a batch and let its effects leave.
     *
     * @param replicas how many had something to do
     */
    default void batchStepped(long nanos, int replicas) {}

    /**
     * Writes of several replicas were appended and synced together.
     *
     * @param waitNanos how long the first of them has waited for that to begin
     * @param nanos to append and sync
     * @param writes how many shared the sync
     * @param bytes of their entries
     */
    default void logWritten(long waitNanos, long nanos, int writes, long bytes) {}

    /**
     * A follower has acknowledged entries to this leader: both ways of the network, the follower's
     * turn and its disk. One message at a time is measured for each follower of a group.
     */
    default void acknowledged(GroupId group, NodeId peer, long nanos) {}

    /** A proposal that this leader appended is committed. One at a time is measured per group. */
    default void committed(GroupId group, long nanos) {}

    /**
     * The state machine has applied a batch of committed entries.
     *
     * @param waitNanos until it came to them
     */
    default void applied(GroupId group, long waitNanos, long nanos, int entries) {}

    /**
     * A proposal of this host is done.
     *
     * @param nanos from the state machine's answer until the client's future had run what depends
     *     on it
     * @param totalNanos since it was proposed
     */
    default void completed(GroupId group, long nanos, long totalNanos) {}

    /** A proposal of this host surely did nothing. */
    default void proposalRefused(GroupId group, NotDone.Reason why) {}

    /** A proposal of this host ended without a known outcome. */
    default void proposalUnknown(GroupId group) {}

    /** Entries left for a follower. */
    default void entriesSent(GroupId group, NodeId peer, int entries, long bytes) {}

    /** A part of a snapshot left for another replica. */
    default void snapshotSent(GroupId group, NodeId peer, long bytes) {}

    /** A snapshot of this replica's state is durable. */
    default void snapshotTaken(GroupId group) {}

    default void snapshotFailed(GroupId group) {}

    /** This replica took over another one's snapshot. */
    default void snapshotInstalled(GroupId group) {}

    /** This replica campaigns in a new term. */
    default void electionBegun(GroupId group) {}

    /**
     * This replica has learned of another leader, or of the same one in another term.
     *
     * @param here whether it is this host
     */
    default void leadershipChanged(GroupId group, boolean here) {}

    /**
     * A replica of this host stopped or is not what the group takes it for; or the disk is full.
     */
    default void faulted(Fault.Code code) {}

    /** A connection was refused, by this host or by its peer. */
    default void peerRefused(Fault.Code code) {}

    /** See {@link RaftListener#loopStalled}. */
    default void loopStalled(String loop) {}

    /** Before anything else is told of the group. */
    default void groupOpened(GroupId group) {}

    /** After that nothing more is told of the group, or what is late. */
    default void groupClosed(GroupId group) {}

    /** Nothing more is told. */
    default void hostClosed() {}
}
