package dev.lockstep.raft.metrics.micrometer;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.node.RaftHost;
import dev.lockstep.raft.spi.RaftMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Registers what one host measures, with the tag {@code node} and, unless there are very many of
 * them, {@code group}. Give it to the host's builder, and the host to {@link #bind} for the gauges:
 *
 * <pre>{@code
 * MicrometerMetrics metrics = MicrometerMetrics.builder(registry, "n1").build();
 * RaftHost host = RaftHost.builder()....metrics(metrics).start();
 * metrics.bind(host);
 * }</pre>
 *
 * <p>All its meters begin with {@code lockstep.}; docs/operations.md lists them. A group's are gone
 * when it is closed, and all are when the host is.
 */
public final class MicrometerMetrics implements RaftMetrics, AutoCloseable {
    private final MeterRegistry registry;
    private final Tags tags;
    private final boolean tagsGroups;
    private final boolean histograms;
    private final Registered ofHost;
    private final HostMeters host;

    /** With tags of groups those of each, else none. */
    private final Map<GroupId, GroupMeters> groups = new ConcurrentHashMap<>();

    /** Without tags of groups those of all; else null. */
    private final @Nullable GroupMeters allGroups;

    private volatile @Nullable RaftHost bound;
    private volatile boolean closed;

    private MicrometerMetrics(Builder from) {
        registry = from.registry;
        tags = Tags.of("node", from.node);
        tagsGroups = from.tagsGroups;
        histograms = from.histograms;
        ofHost = new Registered(registry, tags, histograms);
        host = new HostMeters(ofHost);
        allGroups = tagsGroups ? null : new GroupMeters(ofHost);
    }

    /**
     * @param node the host's name, which becomes a tag
     */
    public static Builder builder(MeterRegistry registry, String node) {
        return new Builder(registry, node);
    }

    /** Registers the gauges of a host that was started with these metrics. Once. */
    public void bind(RaftHost started) {
        bound = started;
        host.gauges(started);
        for (RaftGroup group : started.groups()) {
            groupOpened(group.id());
        }
    }

    /** Unregisters everything; closing the host does so too. */
    @Override
    public void close() {
        closed = true;
        bound = null;
        ofHost.removeAll();
        groups.keySet().forEach(this::groupClosed);
    }

    @Override
    public void groupOpened(GroupId group) {
        RaftHost on = bound;
        if (tagsGroups && !closed) {
            GroupMeters meters =
                    groups.computeIfAbsent(
                            group,
                            first ->
                                    new GroupMeters(
                                            new Registered(
                                                    registry,
                                                    tags.and("group", first.name()),
                                                    histograms)));
            if (on != null) {
                meters.gauges(on, group);
            }
        }
    }

    @Override
    public void groupClosed(GroupId group) {
        GroupMeters meters = groups.remove(group);
        if (meters != null) {
            meters.removeAll();
        }
    }

    @Override
    public void hostClosed() {
        close();
    }

    /** What comes late of a group that is closed is nobody's. */
    private void of(GroupId group, Consumer<GroupMeters> what) {
        GroupMeters meters = allGroups == null ? groups.get(group) : allGroups;
        if (meters != null) {
            what.accept(meters);
        }
    }

    // ---- what the host tells ----

    @Override
    public void mailboxWaited(long nanos) {
        host.mailbox.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void batchStepped(long nanos, int replicas) {
        host.batch.record(nanos, TimeUnit.NANOSECONDS);
        host.replicas.record(replicas);
    }

    @Override
    public void logWritten(long waitNanos, long nanos, int writes, long bytes) {
        host.logWait.record(waitNanos, TimeUnit.NANOSECONDS);
        host.logWrite.record(nanos, TimeUnit.NANOSECONDS);
        host.logWrites.record(writes);
        host.logBytes.record((double) bytes);
    }

    @Override
    public void acknowledged(GroupId group, NodeId peer, long nanos) {
        of(group, to -> to.peer(peer).acknowledgement.record(nanos, TimeUnit.NANOSECONDS));
    }

    @Override
    public void committed(GroupId group, long nanos) {
        of(group, to -> to.commit.record(nanos, TimeUnit.NANOSECONDS));
    }

    @Override
    public void applied(GroupId group, long waitNanos, long nanos, int entries) {
        of(
                group,
                to -> {
                    to.applyWait.record(waitNanos, TimeUnit.NANOSECONDS);
                    to.apply.record(nanos, TimeUnit.NANOSECONDS);
                    to.applied.record(entries);
                });
    }

    @Override
    public void completed(GroupId group, long nanos, long totalNanos) {
        of(
                group,
                to -> {
                    to.completion.record(nanos, TimeUnit.NANOSECONDS);
                    to.proposal.record(totalNanos, TimeUnit.NANOSECONDS);
                });
    }

    @Override
    public void proposalRefused(GroupId group, NotDone.Reason why) {
        of(group, to -> to.refused(why.name()));
    }

    @Override
    public void proposalUnknown(GroupId group) {
        of(group, to -> to.unknown.increment());
    }

    @Override
    public void entriesSent(GroupId group, NodeId peer, int entries, long bytes) {
        of(
                group,
                to -> {
                    to.peer(peer).entries.increment(entries);
                    to.peer(peer).bytes.increment((double) bytes);
                });
    }

    @Override
    public void snapshotSent(GroupId group, NodeId peer, long bytes) {
        of(group, to -> to.peer(peer).snapshotBytes.increment((double) bytes));
    }

    @Override
    public void snapshotTaken(GroupId group) {
        of(group, to -> to.snapshotsTaken.increment());
    }

    @Override
    public void snapshotFailed(GroupId group) {
        of(group, to -> to.snapshotsFailed.increment());
    }

    @Override
    public void snapshotInstalled(GroupId group) {
        of(group, to -> to.snapshotsInstalled.increment());
    }

    @Override
    public void electionBegun(GroupId group) {
        of(group, to -> to.elections.increment());
    }

    @Override
    public void leadershipChanged(GroupId group, boolean here) {
        of(group, to -> (here ? to.wonHere : to.wonElsewhere).increment());
    }

    @Override
    public void faulted(Fault.Code code) {
        host.count("lockstep.faults", "Faults told", "code", code.name());
    }

    @Override
    public void peerRefused(Fault.Code code) {
        host.count("lockstep.peers.refused", "Connections refused", "code", code.name());
    }

    @Override
    public void loopStalled(String loop) {
        host.count("lockstep.loop.stalls", "Loops found blocked", "loop", loop);
    }

    /** Collects how to register. */
    public static final class Builder {
        private final MeterRegistry registry;
        private final String node;
        private boolean tagsGroups = true;
        private boolean histograms;

        private Builder(MeterRegistry registry, String node) {
            this.registry = registry;
            this.node = node;
        }

        /**
         * All groups share their meters, and have no gauges of their own: for very many groups,
         * each of which would have some thirty time series.
         */
        public Builder withoutGroupTag() {
            tagsGroups = false;
            return this;
        }

        /** Times and sizes have histograms, where the registry can publish them. */
        public Builder histograms() {
            histograms = true;
            return this;
        }

        public MicrometerMetrics build() {
            return new MicrometerMetrics(this);
        }
    }
}
