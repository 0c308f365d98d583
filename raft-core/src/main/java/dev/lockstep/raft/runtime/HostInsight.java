package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.LogRoom;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RecentError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What other threads may ask of a host. Nothing here waits for a loop. */
public final class HostInsight {
    /** So many reasons are given; ten thousand groups may have the same one. */
    private static final int REASONS = 10;

    private final HostLoop host;
    private final LogWriter writer;
    private final RecentErrors errors;
    private final LoopWatch watch;
    private final Supplier<@Nullable List<GroupHandle>> open;

    /**
     * @param open the groups; null when the host is closed
     */
    HostInsight(
            HostLoop host,
            LogWriter writer,
            RecentErrors errors,
            LoopWatch watch,
            Supplier<@Nullable List<GroupHandle>> open) {
        this.host = host;
        this.writer = writer;
        this.errors = errors;
        this.watch = watch;
        this.open = open;
    }

    /** The groups that are open or being opened; none when the host is closed. */
    public List<GroupHandle> groups() {
        List<GroupHandle> now = open.get();
        return now == null ? List.of() : now;
    }

    /** In their order. */
    public List<NodeId> connectedPeers() {
        return host.connectedPeers();
    }

    public int mailboxDepth() {
        return host.mailboxDepth();
    }

    public int logQueueDepth() {
        return writer.depth();
    }

    public Duration oldestUnsynced() {
        return Duration.ofNanos(writer.oldestUnsyncedNanos());
    }

    public LogRoom logRoom() {
        return host.logRoom();
    }

    /** Why the log is written to no more, for ever or until there is room; null while it is. */
    public @Nullable Fault diskFault() {
        Fault broken = writer.broken();
        return broken == null ? host.diskFull() : broken;
    }

    public boolean diskFailed() {
        return writer.broken() != null;
    }

    public List<RecentError> lastErrors() {
        return errors.list();
    }

    /**
     * Why the host isn't live, or isn't ready; empty when it is.
     *
     * @param notLive a restart of the process is in order
     * @param notReady it should be sent no work now
     */
    public record Verdict(List<String> notLive, List<String> notReady) {}

    /**
     * @param mostUnapplied so many committed entries a replica may have to apply and be ready
     */
    public Verdict health(long mostUnapplied) {
        List<GroupHandle> groups = open.get();
        if (groups == null) {
            List<String> closed = List.of("this host is closed");
            return new Verdict(closed, closed);
        }
        List<String> notLive = new ArrayList<>();
        List<String> notReady = new ArrayList<>();
        for (LoopWatch.Stalled stalled : watch.look()) {
            notReady.add(stalled.toString());
            if (stalled.isVital()) {
                notLive.add(stalled.toString());
            }
        }
        if (diskFailed()) {
            notReady.add("the disk has failed: " + writer.broken());
        }
        int more = 0;
        for (GroupHandle group : groups) {
            String why = notReady(group.view(), mostUnapplied);
            if (why != null && notReady.size() < REASONS) {
                notReady.add("group " + group.group() + " " + why);
            } else if (why != null) {
                more++;
            }
        }
        if (more > 0) {
            notReady.add("and " + more + " more groups are not ready");
        }
        return new Verdict(notLive, notReady);
    }

    private static @Nullable String notReady(GroupView view, long mostUnapplied) {
        GroupView.Part part = view.part();
        Fault fault = part.fault();
        if (fault != null) {
            return "has a fault: " + fault;
        }
        if (part.leader() == null) {
            return "knows no leader";
        }
        long unapplied = view.commitIndex() - view.appliedIndex();
        return unapplied > mostUnapplied
                ? "has " + unapplied + " committed entries to apply"
                : null;
    }
}
