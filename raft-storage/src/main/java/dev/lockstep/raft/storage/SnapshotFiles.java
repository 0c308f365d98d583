package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.spi.SnapshotReader;
import dev.lockstep.raft.spi.SnapshotStore;
import dev.lockstep.raft.spi.SnapshotWriter;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots in a host's directory, one file each. A file is written aside, synced, read back
 * and checked, and only then gets its name, which is synced too: so a file with a snapshot's name
 * is a whole snapshot, and survives a power loss from the moment when anybody is told of it.
 */
final class SnapshotFiles implements SnapshotStore {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotFiles.class);

    /** The end of a file says how long it is and its checksum. */
    private static final int END_BYTES = 13;

    private static final int BUFFER_BYTES = 256 << 10;

    private final Disk disk;
    private final SnapshotRoom room;

    /** By file name; what was read of files once, since they never change. */
    private final ConcurrentHashMap<String, SnapshotId> known = new ConcurrentHashMap<>();

    /** File names of those that were found to be damaged; the files stay as they are. */
    private final Set<String> damaged = ConcurrentHashMap.newKeySet();

    private final ConcurrentHashMap<GroupId, Fetched> fetched = new ConcurrentHashMap<>();

    /** A file that is being fetched. */
    private static final class Fetched {
        final SnapshotId id;
        final Disk.File file;
        long bytes;

        Fetched(SnapshotId id, Disk.File file) {
            this.id = id;
            this.file = file;
        }
    }

    SnapshotFiles(Disk disk, SnapshotRoom room) {
        this.disk = disk;
        this.room = room;
    }

    /** Removes what an earlier process didn't finish. */
    static void removeLeftovers(Disk disk) throws IOException {
        for (String name : disk.list()) {
            if (SnapshotName.isAside(name)) {
                disk.delete(name);
            }
        }
    }

    @Override
    public List<SnapshotId> list(GroupId group) throws IOException {
        List<SnapshotId> all = new ArrayList<>();
        for (String name : disk.list()) {
            LogPosition position = SnapshotName.position(group, name);
            if (position != null && !damaged.contains(name)) {
                SnapshotId id = known.get(name);
                all.add(id != null ? id : readId(name, position));
            }
        }
        all.sort(Comparator.comparingLong(id -> id.position().index()));
        return all;
    }

    private SnapshotId readId(String name, LogPosition position) throws IOException {
        try (Disk.File file = disk.openToRead(name)) {
            ByteBuffer end = ByteBuffer.allocate(END_BYTES);
            long size = file.size();
            if (size < END_BYTES || file.read(end, size - END_BYTES) < END_BYTES) {
                throw Refusal.snapshot(disk, name, "it has only " + size + " bytes");
            }
            end.flip();
            if (end.get() != 0 || end.getLong() != size) {
                throw Refusal.snapshot(disk, name, "it doesn't end as it was written");
            }
            SnapshotId id = new SnapshotId(position, size, end.getInt());
            known.put(name, id);
            return id;
        }
    }

    /** They are of a replica that isn't here any more: none of them is used, and none is erased. */
    void setAside(GroupId group) throws IOException {
        for (String name : disk.list()) {
            LogPosition position = SnapshotName.position(group, name);
            if (position != null) {
                setAside(group, position);
            }
        }
    }

    @Override
    public void setAside(GroupId group, LogPosition position) throws IOException {
        String name = SnapshotName.published(group, position);
        if (disk.list().contains(name)) {
            disk.rename(name, Segment.KEPT_PREFIX + name);
            disk.syncDirectory();
        }
        known.remove(name);
    }

    /**
     * The newest one that can be read; null when there is none. Where it is the only one, its head
     * and end tell, since the rest is read when the state is restored. Older ones are deleted, once
     * the newer was read to its end: nobody fetches them any more.
     *
     * @param base no snapshot below it is of use
     */
    @Nullable SnapshotMeta recover(GroupId group, LogPosition base) throws IOException {
        List<LogPosition> positions = new ArrayList<>();
        for (String name : disk.list()) {
            LogPosition position = SnapshotName.position(group, name);
            if (position != null) {
                positions.add(position);
            }
        }
        positions.sort(Comparator.comparingLong(LogPosition::index).reversed());
        SnapshotMeta found = null;
        IOException damage = null;
        for (LogPosition position : positions) {
            if (found != null) {
                delete(group, position);
            } else if (position.index() >= base.index()) {
                try {
                    found = readMeta(group, position, positions.size() > 1);
                } catch (IOException e) {
                    LOG.error("{} can't be used; an older one may do", position, e);
                    damaged.add(SnapshotName.published(group, position));
                    damage = damage == null ? e : damage;
                }
            }
        }
        if (found == null && base.index() > 0) { // else the log has all that is needed
            if (damage != null) {
                throw damage;
            }
            throw Refusal.snapshot(
                    disk,
                    "the snapshot of " + base + " of group '" + group + "', or a later one",
                    "it is missing, and the log begins behind it");
        }
        return found;
    }

    private SnapshotMeta readMeta(GroupId group, LogPosition position, boolean toItsEnd)
            throws IOException {
        String name = SnapshotName.published(group, position);
        SnapshotId id = readId(name, position);
        try (InputStream in = reading(name)) {
            if (toItsEnd) {
                return SnapshotReader.check(in, name + " in " + disk, group, id);
            }
            SnapshotReader reader = new SnapshotReader(in, name + " in " + disk);
            if (!reader.group().equals(group) || !reader.meta().position().equals(position)) {
                throw Refusal.snapshot(
                        disk,
                        name,
                        "it is of group '" + reader.group() + "' at " + reader.meta().position());
            }
            return reader.meta();
        }
    }

    @Override
    public SnapshotId write(GroupId group, SnapshotMeta meta, Content content) throws IOException {
        String aside = SnapshotName.taken(group);
        deleteIfThere(aside);
        try {
            SnapshotId id;
            try (Disk.File file = disk.create(aside);
                    OutputStream out =
                            new BufferedOutputStream(
                                    room.watch(aside, DiskStreams.writing(file)), BUFFER_BYTES)) {
                SnapshotWriter writer = new SnapshotWriter(out, group, meta);
                content.writeTo(writer);
                id = writer.finish();
                out.flush();
                file.sync();
            }
            SnapshotMeta unusedMeta = publish(aside, group, id);
            return id;
        } catch (IOException | RuntimeException | Error e) {
            deleteQuietly(aside, e);
            throw e;
        }
    }

    /** What is published was read back from the disk, every byte of it. */
    private SnapshotMeta publish(String aside, GroupId group, SnapshotId id) throws IOException {
        SnapshotMeta meta;
        try (InputStream in = buffered(disk.openToProve(aside))) {
            meta = SnapshotReader.check(in, aside + " in " + disk, group, id);
        }
        if (meta.byReference() && aside.equals(SnapshotName.fetched(group))) {
            throw new IOException(
                    "snapshot " + id + " holds no state, so nobody but who took it can use it");
        }
        String name = SnapshotName.published(group, id.position());
        disk.rename(aside, name);
        disk.syncDirectory();
        damaged.remove(name);
        known.put(name, id);
        return meta;
    }

    @Override
    public @Nullable SnapshotMeta receive(GroupId group, SnapshotId id, long offset, Payload bytes)
            throws IOException {
        Fetched part = offset == 0 ? begin(group, id) : fetched.get(group);
        if (part == null || !part.id.equals(id) || part.bytes != offset) {
            throw new IOException(
                    "bytes at "
                            + offset
                            + " of snapshot "
                            + id
                            + " don't follow "
                            + (part == null ? "nothing" : part.bytes + " bytes of " + part.id));
        }
        try {
            if (offset > 0) {
                room.checkAgain(part.file.name(), offset, bytes.size(), id.bytes() - offset);
            }
            part.file.write(bytes.asByteBuffer(), offset);
            part.bytes += bytes.size();
            if (part.bytes < id.bytes()) {
                return null;
            }
            part.file.sync();
            SnapshotMeta meta = publish(SnapshotName.fetched(group), group, id);
            fetched.remove(group);
            part.file.close();
            return meta;
        } catch (IOException | RuntimeException e) {
            fetched.remove(group);
            part.file.close();
            deleteQuietly(SnapshotName.fetched(group), e);
            throw e;
        }
    }

    private Fetched begin(GroupId group, SnapshotId id) throws IOException {
        Fetched before = fetched.remove(group);
        if (before != null) {
            before.file.close();
        }
        String aside = SnapshotName.fetched(group);
        deleteIfThere(aside);
        room.checkFor(aside, id.bytes());
        Fetched begun = new Fetched(id, disk.create(aside));
        fetched.put(group, begun);
        return begun;
    }

    @Override
    public InputStream open(GroupId group, SnapshotId id) throws IOException {
        return reading(nameOf(group, id));
    }

    @Override
    public Payload read(GroupId group, SnapshotId id, long offset, int maxBytes)
            throws IOException {
        try (Disk.File file = disk.openToRead(nameOf(group, id))) {
            int count = (int) Math.max(0, Math.min(maxBytes, id.bytes() - offset));
            byte[] bytes = new byte[count];
            int read = file.read(ByteBuffer.wrap(bytes), offset);
            return Payload.wrap(bytes, 0, read);
        }
    }

    private String nameOf(GroupId group, SnapshotId id) throws IOException {
        String name = SnapshotName.published(group, id.position());
        if (!list(group).contains(id)) {
            throw new FileNotFoundException(name + " in " + disk);
        }
        return name;
    }

    private InputStream reading(String name) throws IOException {
        return buffered(disk.openToRead(name));
    }

    private static InputStream buffered(Disk.File file) {
        return new BufferedInputStream(DiskStreams.reading(file), BUFFER_BYTES);
    }

    @Override
    public void delete(GroupId group, LogPosition position) throws IOException {
        String name = SnapshotName.published(group, position);
        known.remove(name);
        deleteIfThere(name);
    }

    private void deleteIfThere(String name) throws IOException {
        if (disk.list().contains(name)) {
            disk.delete(name);
        }
    }

    private void deleteQuietly(String name, Throwable why) {
        try {
            deleteIfThere(name);
        } catch (IOException e) {
            why.addSuppressed(e); // the next open removes it
        }
    }

    void close() throws IOException {
        for (Fetched part : fetched.values()) {
            part.file.close();
        }
    }
}
