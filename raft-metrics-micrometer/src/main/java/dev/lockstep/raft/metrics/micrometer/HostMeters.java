package dev.lockstep.raft.metrics.micrometer;

import dev.lockstep.raft.node.GroupStatus;
import dev.lockstep.raft.node.HostStatus;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.node.RaftHost;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;

/** What is measured of the host as a whole. */
final class HostMeters {
    private final Registered registered;
    final Timer mailbox;
    final Timer batch;
    final DistributionSummary replicas;
    final Timer logWait;
    final Timer logWrite;
    final DistributionSummary logWrites;
    final DistributionSummary logBytes;
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();

    HostMeters(Registered registered) {
        this.registered = registered;
        mailbox = registered.timer("lockstep.mailbox.wait", "Until the event loop comes to a task");
        batch = registered.timer("lockstep.batch", "One turn of the event loop");
        replicas =
                registered.summary(
                        "lockstep.batch.replicas", "replicas", "Replicas with effects in a turn");
        logWait = registered.timer("lockstep.log.wait", "Until the log is free for a write");
        logWrite = registered.timer("lockstep.log.write", "To append and sync");
        logWrites = registered.summary("lockstep.log.writes", "writes", "Writes that share a sync");
        logBytes = registered.summary("lockstep.log.bytes", "bytes", "Entries' bytes in a sync");
    }

    /** Counts one of a kind that shows up when it first happens. */
    void count(String name, String description, String tag, String value) {
        counters.computeIfAbsent(
                        name + ' ' + value,
                        first -> registered.counter(name, description, tag, value))
                .increment();
    }

    void gauges(RaftHost host) {
        of(host, "lockstep.groups", "Open, or being opened", HostStatus::groups);
        of(host, "lockstep.groups.led", "Led by this host", HostStatus::led);
        of(host, "lockstep.groups.stopped", "Stopped for good", HostStatus::stopped);
        of(
                host,
                "lockstep.peers.connected",
                "Hosts that messages can be sent to",
                status -> status.connectedPeers().size());
        of(
                host,
                "lockstep.mailbox.depth",
                "Tasks that wait for the event loop",
                HostStatus::mailboxDepth);
        of(
                host,
                "lockstep.log.queue",
                "Writes that are not known to be durable",
                HostStatus::logQueueDepth);
        registered.gauge(
                "lockstep.log.unsynced.seconds",
                "For how long the oldest of them has waited",
                () -> host.status().oldestUnsynced().toNanos() / 1e9);
        of(
                host,
                "lockstep.disk.writable",
                "1 while entries can be written",
                status ->
                        status.disk() == HostStatus.Disk.WRITABLE
                                        || status.disk() == HostStatus.Disk.AT_BOUND
                                ? 1
                                : 0);
        registered.gauge("lockstep.live", "1 while it lives", () -> host.health().isLive() ? 1 : 0);
        registered.gauge(
                "lockstep.ready",
                "1 while it may be sent work",
                () -> host.health().isReady() ? 1 : 0);
        sums(host);
    }

    private void sums(RaftHost host) {
        sum(
                host,
                "lockstep.proposals.pending",
                "Proposals whose outcome isn't known yet",
                status -> status.backlog().pendingProposals());
        sum(
                host,
                "lockstep.pending.bytes",
                "Of those, and of reads",
                status -> status.backlog().pendingBytes());
        sum(
                host,
                "lockstep.uncommitted.bytes",
                "Appended by leaders here and not committed",
                status -> status.backlog().uncommittedBytes());
        sum(
                host,
                "lockstep.unapplied.bytes",
                "Committed and not answered by state machines",
                status -> status.backlog().unappliedBytes());
        sum(
                host,
                "lockstep.unapplied.entries",
                "Known to be committed and not applied",
                status -> status.commit() - status.applied());
    }

    private void of(
            RaftHost host, String name, String description, ToLongFunction<HostStatus> value) {
        registered.gauge(name, description, () -> value.applyAsLong(host.status()));
    }

    private void sum(
            RaftHost host, String name, String description, ToLongFunction<GroupStatus> value) {
        registered.gauge(
                name,
                description,
                () -> host.groups().stream().map(RaftGroup::status).mapToLong(value).sum());
    }
}
