package dev.lockstep.raft.node;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.LogRoom;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RecentError;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.runtime.GroupHandle;
import dev.lockstep.raft.runtime.HostInsight;
import dev.lockstep.raft.spi.HostIdentity;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A host at one moment, more or less: its parts are read one after the other.
 *
 * @param identity who it is, in this boot
 * @param groups how many are open or being opened
 * @param led how many of them it leads
 * @param stopped how many of them have stopped for good, or couldn't be opened
 * @param connectedPeers to whom messages can be sent
 * @param mailboxDepth tasks that wait for the event loop
 * @param logQueueDepth writes that are not known to be durable
 * @param oldestUnsynced for how long the oldest of them has waited; zero when there is none
 * @param disk what can be written to the log
 * @param diskFault why nothing, or no entries, can be; null while they can
 * @param lastErrors the latest last, a few of them
 */
public record HostStatus(
        HostIdentity identity,
        int groups,
        int led,
        int stopped,
        List<NodeId> connectedPeers,
        int mailboxDepth,
        int logQueueDepth,
        Duration oldestUnsynced,
        Disk disk,
        @Nullable Fault diskFault,
        List<RecentError> lastErrors) {
    /** What can be written to the log. */
    public enum Disk {
        /** Everything. */
        WRITABLE,
        /** Everything, but new proposals are refused until groups were compacted. */
        AT_BOUND,
        /** Votes and terms, no entries; it goes on by itself when there is room. */
        FULL,
        /** Nothing any more, in this process. */
        FAILED
    }

    public HostStatus {
        connectedPeers = List.copyOf(connectedPeers);
        lastErrors = List.copyOf(lastErrors);
    }

    static HostStatus of(HostIdentity identity, HostInsight insight) {
        int led = 0;
        int stopped = 0;
        List<GroupHandle> groups = insight.groups();
        for (GroupHandle group : groups) {
            Role role = group.view().part().role();
            led += role == Role.LEADER ? 1 : 0;
            stopped += role == Role.HALTED ? 1 : 0;
        }
        return new HostStatus(
                identity,
                groups.size(),
                led,
                stopped,
                insight.connectedPeers(),
                insight.mailboxDepth(),
                insight.logQueueDepth(),
                insight.oldestUnsynced(),
                diskOf(insight),
                insight.diskFault(),
                insight.lastErrors());
    }

    private static Disk diskOf(HostInsight insight) {
        LogRoom room = insight.logRoom();
        return insight.diskFailed()
                ? Disk.FAILED
                : room == LogRoom.DISK_FULL
                        ? Disk.FULL
                        : room == LogRoom.AT_BOUND ? Disk.AT_BOUND : Disk.WRITABLE;
    }
}
