package dev.lockstep.raft.runtime;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.RaftMetrics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Measures a leader's replication, seen from outside its core: one message at a time for each
 * follower, and one proposal at a time. In the host's loop only.
 */
final class ReplicaMeter {
    private final GroupId group;
    private final Clock clock;
    private final RaftMetrics metrics;

    /** To whom entries left that aren't acknowledged: the last index of one such message. */
    private final Map<NodeId, Sample> sent = new TreeMap<>();

    private long admittedIndex;
    private long admittedNanos;

    private record Sample(ReplicaId to, long index, long nanos) {}

    ReplicaMeter(GroupId group, Clock clock, RaftMetrics metrics) {
        this.group = group;
        this.clock = clock;
        this.metrics = metrics;
    }

    void sent(ReplicaId to, Message message) {
        if (message instanceof AppendEntries append && !append.entries().isEmpty()) {
            List<Entry> entries = append.entries();
            if (!sent.containsKey(to.node())) {
                long last = entries.get(entries.size() - 1).index();
                sent.put(to.node(), new Sample(to, last, clock.nanoTime()));
            }
            long bytes = 0;
            for (int i = 0; i < entries.size(); i++) {
                bytes += entries.get(i).weightBytes();
            }
            metrics.entriesSent(group, to.node(), entries.size(), bytes);
        } else if (message instanceof SnapshotChunk chunk && chunk.bytes().size() > 0) {
            metrics.snapshotSent(group, to.node(), chunk.bytes().size());
        }
    }

    void received(ReplicaId from, Message message) {
        if (message instanceof AppendAccepted accepted) {
            Sample sample = sent.get(from.node());
            if (sample != null && sample.to().equals(from) && sample.index() <= accepted.match()) {
                sent.remove(from.node());
                metrics.acknowledged(group, from.node(), clock.nanoTime() - sample.nanos());
            }
        }
    }

    /** What was on its way there is lost; when it is sent again says nothing of the network. */
    void disconnected(NodeId peer) {
        sent.remove(peer);
    }

    void admitted(LogPosition at, long nowNanos) {
        if (admittedIndex == 0) {
            admittedIndex = at.index();
            admittedNanos = nowNanos;
        }
    }

    /** After each batch, in the leadership in which it was admitted. */
    void committedUpTo(long index, long nowNanos) {
        if (admittedIndex != 0 && admittedIndex <= index) {
            admittedIndex = 0;
            metrics.committed(group, nowNanos - admittedNanos);
        }
    }

    /** Neither acknowledgements nor commits of one leadership are those of another. */
    void roleChanged() {
        sent.clear();
        admittedIndex = 0;
    }
}
