package dev.lockstep.raft.metrics.micrometer;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerProgress;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.node.GroupReport;
import dev.lockstep.raft.node.GroupStatus;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.node.RaftHost;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** What is measured of one group, or of all of them together. */
final class GroupMeters {
    private final Registered registered;
    final Timer commit;
    final Timer applyWait;
    final Timer apply;
    final DistributionSummary applied;
    final Timer completion;
    final Timer proposal;
    final Counter unknown;
    final Counter elections;
    final Counter wonHere;
    final Counter wonElsewhere;
    final Counter snapshotsTaken;
    final Counter snapshotsFailed;
    final Counter snapshotsInstalled;
    private final Map<NodeId, Peer> peers = new ConcurrentHashMap<>();
    private final Map<String, Counter> refused = new ConcurrentHashMap<>();

    /** What a leader here sends to one other host. */
    static final class Peer {
        final Timer acknowledgement;
        final Counter entries;
        final Counter bytes;
        final Counter snapshotBytes;

        Peer(Registered registered, String peer) {
            acknowledgement =
                    registered.timer(
                            "lockstep.ack",
                            "From sending entries until the follower has them on disk",
                            "peer",
                            peer);
            entries = registered.counter("lockstep.sent.entries", "Entries sent", "peer", peer);
            bytes = registered.counter("lockstep.sent.bytes", "Their bytes", "peer", peer);
            snapshotBytes =
                    registered.counter(
                            "lockstep.snapshot.sent.bytes", "Parts of snapshots", "peer", peer);
        }
    }

    GroupMeters(Registered registered) {
        this.registered = registered;
        commit = registered.timer("lockstep.commit", "From a leader's log to its commit");
        applyWait = registered.timer("lockstep.apply.wait", "Until the state machine is free");
        apply = registered.timer("lockstep.apply", "A batch in the state machine");
        applied = registered.summary("lockstep.apply.entries", "entries", "Entries in a batch");
        completion = registered.timer("lockstep.completion", "What depends on a client's future");
        proposal = registered.timer("lockstep.proposal", "From the call to the end of its future");
        unknown = registered.counter("lockstep.proposals.unknown", "Outcome unknown");
        elections = registered.counter("lockstep.elections", "Campaigns of this host");
        String changes = "Leaderships that this host has heard of";
        wonHere = registered.counter("lockstep.leaderships", changes, "here", "true");
        wonElsewhere = registered.counter("lockstep.leaderships", changes, "here", "false");
        snapshotsTaken = snapshots("taken");
        snapshotsFailed = snapshots("failed");
        snapshotsInstalled = snapshots("installed");
    }

    private Counter snapshots(String event) {
        return registered.counter("lockstep.snapshots", "Snapshots", "event", event);
    }

    Peer peer(NodeId node) {
        return peers.computeIfAbsent(node, first -> new Peer(registered, first.value()));
    }

    void refused(String reason) {
        refused.computeIfAbsent(
                        reason,
                        first ->
                                registered.counter(
                                        "lockstep.proposals.refused",
                                        "Surely not done",
                                        "reason",
                                        first))
                .increment();
    }

    /** Of one group. */
    void gauges(RaftHost host, GroupId id) {
        of(host, id, "lockstep.group.term", "The latest seen", GroupStatus::term);
        of(
                host,
                id,
                "lockstep.group.leads",
                "1 while this host leads it",
                status -> status.role() == Role.LEADER ? 1 : 0);
        of(host, id, "lockstep.group.last", "The log's last index", GroupStatus::lastIndex);
        of(host, id, "lockstep.group.committed", "Known to be committed", GroupStatus::commit);
        of(host, id, "lockstep.group.applied", "Seen by the state machine", GroupStatus::applied);
        of(host, id, "lockstep.group.snapshot", "In the newest snapshot", GroupStatus::snapshot);
        registered.gauge(
                "lockstep.group.lag",
                "Entries that the slowest other replica isn't known to hold, when this was read last",
                new Lag(host, id)::read);
    }

    private void of(
            RaftHost host,
            GroupId id,
            String name,
            String description,
            ToLongFunction<GroupStatus> value) {
        registered.gauge(
                name,
                description,
                () -> {
                    RaftGroup group = host.group(id.name());
                    return group == null ? Double.NaN : (Number) value.applyAsLong(group.status());
                });
    }

    /**
     * A report takes a turn of the event loop, for which no reader waits: each asks for the next.
     */
    private static final class Lag {
        private final RaftHost host;
        private final GroupId id;
        private volatile double last;

        Lag(RaftHost host, GroupId id) {
            this.host = host;
            this.id = id;
        }

        Number read() {
            RaftGroup group = host.group(id.name());
            if (group == null) {
                return Double.NaN;
            }
            CompletableFuture<Void> unused =
                    group.report()
                            .thenApply((Function<GroupReport, Double>) Lag::most)
                            .thenAccept(now -> last = now);
            return last;
        }

        private static double most(GroupReport report) {
            return report.peers().stream().mapToLong(PeerProgress::lagEntries).max().orElse(0);
        }
    }

    void removeAll() {
        registered.removeAll();
    }
}
