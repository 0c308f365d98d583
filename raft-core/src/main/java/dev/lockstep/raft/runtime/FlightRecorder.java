package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.RaftListener;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Writes what befalls a host into a flight recording that asks for it, where the JDK has them. */
final class FlightRecorder implements RaftListener {
    private static final Span NO_SPAN = together -> {};

    private final String node;

    /** Something that takes time. */
    @FunctionalInterface
    interface Span {
        /**
         * @param together how many shared it
         */
        void ends(int together);
    }

    FlightRecorder(NodeId node) {
        this.node = node.value();
    }

    /** A runtime image may lack it. */
    static boolean isPossible() {
        return ModuleLayer.boot().findModule("jdk.jfr").isPresent();
    }

    static Span noSync() {
        return NO_SPAN;
    }

    Span syncBegins() {
        FlightEvents.LogSync sync = new FlightEvents.LogSync(node);
        sync.begin();
        return sync;
    }

    private void commit(FlightEvents.Told event, @Nullable GroupId group) {
        event.node = node;
        event.group = group == null ? "" : group.name();
        event.commit();
    }

    @Override
    public void roleChanged(GroupId group, Role role, long term, @Nullable NodeId leader) {
        if (role == Role.CANDIDATE) {
            FlightEvents.Election election = new FlightEvents.Election();
            election.term = term;
            commit(election, group);
        } else if (leader != null) {
            FlightEvents.Leadership leadership = new FlightEvents.Leadership();
            leadership.term = term;
            leadership.leader = leader.value();
            commit(leadership, group);
        }
    }

    @Override
    public void snapshotTaken(GroupId group, LogPosition at) {
        snapshot(group, at, "taken");
    }

    @Override
    public void snapshotFailed(GroupId group, LogPosition at, Throwable why) {
        snapshot(group, at, "failed: " + why);
    }

    @Override
    public void snapshotInstalled(GroupId group, LogPosition at) {
        snapshot(group, at, "installed");
    }

    private void snapshot(GroupId group, LogPosition at, String outcome) {
        FlightEvents.Snapshot snapshot = new FlightEvents.Snapshot();
        snapshot.outcome = outcome;
        snapshot.term = at.term();
        snapshot.index = at.index();
        commit(snapshot, group);
    }

    @Override
    public void loopStalled(String loop, Duration since, String stack) {
        FlightEvents.LoopStall stall = new FlightEvents.LoopStall();
        stall.loop = loop;
        stall.stalled = since.toNanos();
        stall.stack = stack;
        commit(stall, null);
    }
}
