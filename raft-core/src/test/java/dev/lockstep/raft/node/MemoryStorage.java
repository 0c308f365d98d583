package dev.lockstep.raft.node;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.WrittenLog;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.MemorySnapshots;
import dev.lockstep.raft.spi.ReplicaWrite;
import dev.lockstep.raft.spi.SnapshotStore;
import dev.lockstep.raft.spi.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A disk in memory that outlives the hosts which open it, for tests of the runtime. */
final class MemoryStorage implements Storage {
    private final Map<GroupId, Kept> groups = new HashMap<>();

    /** Beside the log, as durable as it. */
    final MemorySnapshots snapshots = new MemorySnapshots();

    private final UUID incarnation = UUID.randomUUID();
    private long boot;

    /** When set, the next sync fails with it. */
    volatile @Nullable IOException failNextSync;

    /** While set, replicas can't be opened for that reason. */
    volatile @Nullable IOException failOpening;

    /** What the log says of its room. */
    volatile boolean full;

    volatile List<GroupId> crowding = List.of();

    /** Opening a replica waits for it. */
    volatile CountDownLatch mayOpen = new CountDownLatch(0);

    private static final class Kept {
        final ReplicaId id;
        @Nullable Founding founding;
        HardState hardState = HardState.INITIAL;
        LogPosition base = LogPosition.ZERO;
        final List<Entry> entries = new ArrayList<>();

        Kept(ReplicaId id) {
            this.id = id;
        }

        long lastIndex() {
            return base.index() + entries.size();
        }

        void moveBase(LogPosition next) {
            boolean holds =
                    entries.stream().anyMatch(entry -> entry.position().equals(next))
                            || next.equals(base);
            if (!holds && !entries.isEmpty()) {
                throw new AssertionError("base to " + next + " of " + base + "+" + entries);
            }
            entries.removeIf(entry -> entry.index() <= next.index());
            base = next;
        }
    }

    @Override
    public synchronized LogStore open(ClusterId cluster, NodeId node) {
        boot++;
        HostIdentity identity = new HostIdentity(cluster, node, incarnation, boot, boot);
        return new LogStore() {
            @Override
            public HostIdentity identity() {
                return identity;
            }

            @Override
            public RecoveredReplica replica(GroupId group, boolean asWitness) throws IOException {
                try {
                    mayOpen.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                IOException failure = failOpening;
                if (failure != null) {
                    throw failure;
                }
                return recovered(group, node, asWitness);
            }

            @Override
            public void append(ReplicaWrite write) {
                write(write);
            }

            @Override
            public WrittenLog written(GroupId group) {
                throw new UnsupportedOperationException("it never refuses");
            }

            @Override
            public void sync() throws IOException {
                IOException failure = failNextSync;
                if (failure != null) {
                    throw failure;
                }
            }

            @Override
            public List<Entry> read(GroupId group, long from, int maxBytes) {
                return readFrom(group, from, maxBytes);
            }

            @Override
            public boolean isFull() {
                return full;
            }

            @Override
            public List<GroupId> crowding() {
                List<GroupId> named = crowding;
                crowding = List.of();
                return named;
            }

            @Override
            public SnapshotStore snapshots() {
                return snapshots;
            }

            @Override
            public void close() {}
        };
    }

    /** How many entries of the group's log are kept, and the position before them. */
    synchronized long keptEntries(GroupId group) {
        return groups.get(group).entries.size();
    }

    private synchronized RecoveredReplica recovered(GroupId group, NodeId node, boolean asWitness)
            throws IOException {
        Kept kept =
                groups.computeIfAbsent(
                        group,
                        g ->
                                new Kept(
                                        new ReplicaId(
                                                node,
                                                asWitness
                                                        ? new UUID(0x8000, node.hashCode())
                                                        : UUID.randomUUID())));
        SnapshotMeta snapshot = snapshots.newest(group);
        if (snapshot != null
                && !snapshot.position().equals(kept.base)
                && kept.entries.stream()
                        .noneMatch(entry -> entry.position().equals(snapshot.position()))) {
            kept.entries.clear();
            kept.moveBase(snapshot.position());
        }
        List<LogPosition> terms = new ArrayList<>();
        long timestamp = snapshot == null ? 0 : snapshot.timestampMillis();
        for (Entry entry : kept.entries) {
            if (terms.isEmpty() || terms.get(terms.size() - 1).term() != entry.term()) {
                terms.add(entry.position());
            }
            timestamp = Math.max(timestamp, entry.timestampMillis());
        }
        return new RecoveredReplica(
                kept.id,
                kept.founding,
                kept.hardState,
                snapshot,
                kept.base,
                terms,
                kept.lastIndex(),
                timestamp,
                kept.entries.stream().filter(e -> e.kind() == EntryKind.CONFIGURATION).toList());
    }

    private synchronized void write(ReplicaWrite write) {
        Kept kept = groups.get(write.group());
        if (write.founding() != null) {
            kept.founding = write.founding();
        }
        if (write.hardState() != null) {
            kept.hardState = write.hardState();
        }
        if (write.truncateFrom() != 0) {
            kept.entries.removeIf(entry -> entry.index() >= write.truncateFrom());
        }
        if (write.base() != null) {
            kept.moveBase(write.base());
        }
        for (Entry entry : write.entries()) {
            if (entry.index() != kept.lastIndex() + 1) {
                throw new AssertionError(entry + " after " + kept.lastIndex());
            }
            kept.entries.add(entry);
        }
    }

    private synchronized List<Entry> readFrom(GroupId group, long from, int maxBytes) {
        List<Entry> all = groups.get(group).entries;
        List<Entry> found = new ArrayList<>();
        long bytes = 0;
        int first = (int) (from - groups.get(group).base.index() - 1);
        for (int i = Math.max(first, 0); first >= 0 && i < all.size(); i++) {
            bytes += all.get(i).weightBytes();
            if (!found.isEmpty() && bytes > maxBytes) {
                break;
            }
            found.add(all.get(i));
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("no entry " + from + " in " + all.size());
        }
        return found;
    }
}
