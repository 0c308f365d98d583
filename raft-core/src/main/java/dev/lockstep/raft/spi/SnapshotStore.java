package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of all replicas of one host. A snapshot is a file in the format of {@link
 * SnapshotWriter}; it is made aside and published as a whole: who lists them sees only those that
 * are complete, proven readable and durable, name included. What an earlier process left unfinished
 * is gone.
 *
 * <p>Any thread may call any method, but for one group one thread at a time writes and one
 * receives. An {@link IOException} leaves the log untouched: there is no such snapshot then.
 */
public interface SnapshotStore {
    /** The published snapshots of a group, by ascending index. */
    List<SnapshotId> list(GroupId group) throws IOException;

    /**
     * Makes and publishes one.
     *
     * @param content writes all sections; what it throws comes out of here, and nothing is
     *     published
     */
    SnapshotId write(GroupId group, SnapshotMeta meta, Content content) throws IOException;

    /**
     * Takes the next bytes of a snapshot of another host, behind those that were taken already; at
     * offset 0 it begins anew, whatever was taken before. With the last ones the file is checked as
     * a whole and published.
     *
     * @return what the snapshot stands for once it is published; null while bytes are missing
     * @throws dev.lockstep.raft.model.StorageException {@code SNAPSHOT_CORRUPT} when the whole file
     *     isn't what {@code id} names; all of it is dropped then
     * @throws IOException when the bytes don't continue what was taken, or can't be written
     */
    @Nullable SnapshotMeta receive(GroupId group, SnapshotId id, long offset, Payload bytes)
            throws IOException;

    /**
     * Reads a published snapshot from its beginning; {@link SnapshotReader} checks what comes.
     *
     * @throws java.io.FileNotFoundException when there is none such
     */
    InputStream open(GroupId group, SnapshotId id) throws IOException;

    /**
     * A part of a published snapshot, to be sent.
     *
     * @return the bytes from {@code offset} on, at most {@code maxBytes}; none at the end
     * @throws java.io.FileNotFoundException when there is none such
     */
    Payload read(GroupId group, SnapshotId id, long offset, int maxBytes) throws IOException;

    /** Deletes the published snapshot of a position, if there is one. */
    void delete(GroupId group, LogPosition position) throws IOException;

    /**
     * The published snapshot of a position turned out to be damaged: it isn't listed any more, and
     * isn't erased.
     */
    void setAside(GroupId group, LogPosition position) throws IOException;

    /** Writes the sections of a snapshot. */
    @FunctionalInterface
    interface Content {
        void writeTo(SnapshotWriter out) throws IOException;
    }
}
