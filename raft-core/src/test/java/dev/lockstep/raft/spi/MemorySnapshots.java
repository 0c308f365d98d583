package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Snapshots in memory, in the production format, for tests. */
public final class MemorySnapshots implements SnapshotStore {
    private final Map<GroupId, Map<SnapshotId, byte[]>> published = new HashMap<>();
    private final Map<GroupId, ByteArrayOutputStream> fetched = new HashMap<>();

    /** When set, the next one isn't written. */
    public volatile @Nullable IOException failNext;

    /** The newest snapshot's meaning; null when there is none. */
    public synchronized @Nullable SnapshotMeta newest(GroupId group) throws IOException {
        List<SnapshotId> all = list(group);
        return all.isEmpty()
                ? null
                : new SnapshotReader(open(group, all.get(all.size() - 1)), "memory").meta();
    }

    @Override
    public synchronized List<SnapshotId> list(GroupId group) {
        List<SnapshotId> all = new ArrayList<>(published.getOrDefault(group, Map.of()).keySet());
        all.sort(Comparator.comparingLong(id -> id.position().index()));
        return all;
    }

    @Override
    public SnapshotId write(GroupId group, SnapshotMeta meta, Content content) throws IOException {
        IOException failure = failNext;
        if (failure != null) {
            failNext = null;
            throw failure;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        SnapshotWriter writer = new SnapshotWriter(bytes, group, meta);
        content.writeTo(writer);
        return publish(group, writer.finish(), bytes.toByteArray());
    }

    private synchronized SnapshotId publish(GroupId group, SnapshotId id, byte[] bytes)
            throws IOException {
        SnapshotMeta unusedMeta =
                SnapshotReader.check(new ByteArrayInputStream(bytes), "memory", group, id);
        Map<SnapshotId, byte[]> all = published.computeIfAbsent(group, g -> new HashMap<>());
        all.keySet().removeIf(other -> other.position().equals(id.position()));
        all.put(id, bytes);
        return id;
    }

    @Override
    public synchronized @Nullable SnapshotMeta receive(
            GroupId group, SnapshotId id, long offset, Payload bytes) throws IOException {
        if (offset == 0) {
            fetched.put(group, new ByteArrayOutputStream());
        }
        ByteArrayOutputStream part = fetched.get(group);
        if (part == null || part.size() != offset) {
            throw new IOException("bytes at " + offset + " follow nothing");
        }
        part.write(bytes.toByteArray());
        if (part.size() < id.bytes()) {
            return null;
        }
        fetched.remove(group);
        SnapshotId unusedId = publish(group, id, part.toByteArray());
        return new SnapshotReader(open(group, id), "memory").meta();
    }

    @Override
    public synchronized InputStream open(GroupId group, SnapshotId id) throws IOException {
        byte[] bytes = published.getOrDefault(group, Map.of()).get(id);
        if (bytes == null) {
            throw new FileNotFoundException(id.toString());
        }
        return new ByteArrayInputStream(bytes);
    }

    @Override
    public Payload read(GroupId group, SnapshotId id, long offset, int maxBytes)
            throws IOException {
        try (InputStream in = open(group, id)) {
            in.skipNBytes(offset);
            return Payload.wrap(in.readNBytes(maxBytes));
        }
    }

    @Override
    public synchronized void delete(GroupId group, LogPosition position) {
        published
                .getOrDefault(group, new HashMap<>())
                .keySet()
                .removeIf(id -> id.position().equals(position));
    }

    @Override
    public void setAside(GroupId group, LogPosition position) {
        delete(group, position);
    }
}
