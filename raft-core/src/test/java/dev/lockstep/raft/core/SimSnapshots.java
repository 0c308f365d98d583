package dev.lockstep.raft.core;

import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The snapshot files of one server of a {@link CoreCluster}: no two have the same bytes, so that a
 * transfer that mixes them is found. What is to be written takes its time.
 */
final class SimSnapshots {
    /** What all files of a cluster stand for. */
    static final class Registry {
        private final Map<SnapshotId, SnapshotMeta> files = new HashMap<>();

        SnapshotId make(SnapshotMeta meta, int server) {
            int number = files.size() * 16 + server;
            SnapshotId id = new SnapshotId(meta.position(), 40 + number % 50, number);
            files.put(id, meta);
            return id;
        }
    }

    private final Registry registry;
    private final SimDisk disk;
    private final TreeMap<Long, SnapshotId> ids = new TreeMap<>();
    private SnapshotId fetching;
    private byte[] fetched = new byte[0];

    /** Waiting to be written, and what the core is to hear of it. */
    final ArrayDeque<Runnable> writes = new ArrayDeque<>();

    final ArrayDeque<SnapshotNews> news = new ArrayDeque<>();

    SimSnapshots(Registry registry, SimDisk disk) {
        this.registry = registry;
        this.disk = disk;
    }

    /** The process died: nothing half-written is found again. */
    void crash() {
        writes.clear();
        news.clear();
        fetching = null;
    }

    void publish(SnapshotMeta meta, SnapshotId id) {
        disk.publish(meta);
        ids.put(meta.position().index(), id);
    }

    void take(SnapshotMeta meta, int server) {
        publish(meta, registry.make(meta, server));
        news.addLast(new SnapshotNews.Taken(meta));
    }

    void drop(LogPosition position) {
        disk.drop(position);
        ids.remove(position.index());
    }

    SnapshotChunk read(SnapshotWork.SendChunk work) {
        SnapshotId id = ids.get(work.position().index());
        if (id == null
                || !id.position().equals(work.position())
                || (work.wanted() != null && !work.wanted().equals(id))) {
            return SnapshotChunk.NONE;
        }
        int size = (int) Math.min(work.maxBytes(), id.bytes() - work.offset());
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = content(id, (int) work.offset() + i);
        }
        return new SnapshotChunk(id, work.offset(), Payload.wrap(bytes));
    }

    private static byte content(SnapshotId id, int at) {
        return (byte) (id.checksum() * 31 + at * 7 + id.position().index());
    }

    void store(SnapshotWork.StoreChunk work) {
        int from = (int) work.offset();
        if (from == 0) {
            fetching = work.id();
            fetched = new byte[(int) work.id().bytes()];
        }
        if (!work.id().equals(fetching)) {
            throw new AssertionError(work + " goes on with " + fetching);
        }
        for (int i = 0; i < work.bytes().size(); i++) {
            fetched[from + i] = work.bytes().byteAt(i);
        }
        long end = work.offset() + work.bytes().size();
        if (end < work.id().bytes()) {
            news.addLast(new SnapshotNews.Stored(work.id(), end));
            return;
        }
        for (int i = 0; i < fetched.length; i++) {
            if (fetched[i] != content(fetching, i)) {
                throw new AssertionError(fetching + " was put together of parts of several");
            }
        }
        SnapshotMeta meta = registry.files.get(fetching);
        publish(meta, fetching);
        news.addLast(new SnapshotNews.Received(fetching, meta));
        fetching = null;
    }
}
