package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import dev.lockstep.raft.spi.SnapshotSection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Short ways to say in tests what is written and read. */
final class Samples {
    static final ClusterId CLUSTER = new ClusterId("demo");
    static final NodeId NODE = NodeId.of("n1");
    static final GroupId GROUP = GroupId.of("counter");
    static final int SMALL_SEGMENT = 16 << 10;

    private Samples() {}

    static LogStore open(Disk disk, long seed) throws IOException {
        return FileStorage.on(disk, new Random(seed))
                .withSegmentBytes(SMALL_SEGMENT)
                .open(CLUSTER, NODE);
    }

    static Entry entry(long term, long index, int bytes) {
        byte[] payload = new byte[bytes];
        new Random(term * 1_000_003 + index).nextBytes(payload);
        return new Entry(term, index, EntryKind.COMMAND, 1000 + index, Payload.wrap(payload));
    }

    static ReplicaWrite term(GroupId group, long term) {
        return new ReplicaWrite(group, null, new HardState(term, null), 0, List.of());
    }

    static ReplicaWrite entries(GroupId group, Entry... entries) {
        return new ReplicaWrite(group, null, null, 0, Arrays.asList(entries));
    }

    static ReplicaWrite truncation(GroupId group, long from, Entry... entries) {
        return new ReplicaWrite(group, null, null, from, Arrays.asList(entries));
    }

    static ReplicaId replica(String node, long number) {
        return new ReplicaId(
                NodeId.of(node), new UUID(0x4000L + number, 0x8000_0000_0000_0000L + number));
    }

    /** A replica on this node that has no entry yet, as a writer knows it. */
    static ReplicaLog replicaLog(GroupId group, long incarnation) {
        return new ReplicaLog(
                group,
                replica(NODE.value(), incarnation),
                new EntryIndex(LogPosition.ZERO, new LiveBytes()));
    }

    static HostIdentity peer(long boot) {
        return new HostIdentity(CLUSTER, NodeId.of("n2"), new UUID(5, 6), boot, -boot);
    }

    static Founding founding(boolean complete) {
        Membership initial =
                new Membership(
                        List.of(replica("n1", 1), replica("n2", 2), replica("n3", 3)),
                        List.of(),
                        List.of(replica("n4", 4)));
        return new Founding(new UUID(7, 8), initial, complete);
    }

    /** Publishes a snapshot with next to nothing in it, as the newest of the group. */
    static void snapshot(LogStore store, GroupId group, LogPosition position) throws IOException {
        if (store.snapshots().list(group).stream().anyMatch(id -> id.position().equals(position))) {
            return;
        }
        SnapshotMeta meta = new SnapshotMeta(position, 0, founding(true).initial(), Long.MAX_VALUE);
        SnapshotId made =
                store.snapshots()
                        .write(
                                group,
                                meta,
                                out -> out.section(SnapshotSection.APPLICATION).write(7));
        for (SnapshotId id : store.snapshots().list(group)) {
            if (!id.equals(made)) {
                store.snapshots().delete(group, id.position());
            }
        }
    }

    /** Everything that a reader of the group's log can see. */
    static List<Entry> log(LogStore store, GroupId group) throws IOException {
        long last = store.replica(group).lastIndex();
        List<Entry> all = new ArrayList<>();
        while (all.size() < last) {
            all.addAll(store.read(group, all.size() + 1, 10_000));
        }
        return all;
    }
}
