package dev.lockstep.raft.node;

import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Role;
import org.jspecify.annotations.Nullable;

/**
 * A replica at one moment.
 *
 * @param node the host it lives on
 * @param role its part
 * @param term the latest term that it has seen
 * @param leader that term's leader, as far as known here
 * @param lastIndex the last entry of its log, durable or not
 * @param commit the last entry that it knows to be committed
 * @param applied the last entry that its state machine has seen
 * @param configuration the one at its log's end; null until it holds the group's founding
 * @param runsOnWitness whether it leads and can commit only with the help of witnesses: too few
 *     full replicas keep up, so what is committed now is on fewer disks than usual, and is lost
 *     with them
 * @param diskFull why this host's disk takes no entries now, while the replica votes and answers;
 *     null while it does. It goes on by itself when there is room
 * @param fault why it halted, or, while it runs, why it isn't the member that the group knows under
 *     its node's name; null when all is well
 * @param lastFault the latest of those, and of full disks, though it may be over; null when there
 *     was none since this replica was opened
 * @param snapshot the last entry that its newest durable snapshot holds; 0 without one
 * @param backlog what is under way
 */
public record GroupStatus(
        NodeId node,
        Role role,
        long term,
        @Nullable NodeId leader,
        long lastIndex,
        long commit,
        long applied,
        @Nullable Configuration configuration,
        boolean runsOnWitness,
        @Nullable Fault diskFull,
        @Nullable Fault fault,
        @Nullable Fault lastFault,
        long snapshot,
        Backlog backlog) {
    /**
     * What a replica has begun and not ended.
     *
     * @param pendingProposals proposals of this host whose outcome isn't known yet
     * @param pendingBytes of those, and of reads, with what each weighs beside its payload
     * @param uncommittedBytes appended by this leader and not on a quorum of disks; 0 unless it
     *     leads
     * @param unappliedBytes committed since the start and not answered by the state machine
     */
    public record Backlog(
            int pendingProposals, long pendingBytes, long uncommittedBytes, long unappliedBytes) {}
}
