package dev.lockstep.raft.core;

import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;

/** What can happen to a core concerning snapshots, each an {@link Event.Snapshots}. */
public sealed interface SnapshotNews {
    /** Somebody wants a snapshot that holds all that was handed to the state machine until now. */
    record Wanted() implements SnapshotNews {}

    /**
     * The host's log comes near its bound: a snapshot is to be taken soon, and of the log nothing
     * is to be kept behind it this time.
     */
    record Crowded() implements SnapshotNews {}

    /** Answers {@link SnapshotWork.Take}: it is durable, name included. */
    record Taken(SnapshotMeta meta) implements SnapshotNews {}

    /** Answers {@link SnapshotWork.Take}: there is none. */
    record Failed(SnapshotMeta meta) implements SnapshotNews {}

    /** Answers {@link SnapshotWork.StoreChunk}: so many bytes are taken, and more are to come. */
    record Stored(SnapshotId id, long bytes) implements SnapshotNews {}

    /** Answers the last {@link SnapshotWork.StoreChunk}: the file is whole and durable. */
    record Received(SnapshotId id, SnapshotMeta meta) implements SnapshotNews {}

    /** Answers {@link SnapshotWork.StoreChunk}: what was fetched of it is dropped. */
    record Unusable(SnapshotId id) implements SnapshotNews {}
}
