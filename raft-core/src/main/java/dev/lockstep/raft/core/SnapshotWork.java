package dev.lockstep.raft.core;

import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import org.jspecify.annotations.Nullable;

/** What a core asks for concerning snapshots, each an {@link Effect.Snapshots}. */
public sealed interface SnapshotWork {
    void runOn(Runner runner);

    /** One method for each kind. */
    interface Runner {
        void take(Take work);

        void restore(Restore work);

        void sendChunk(SendChunk work);

        void storeChunk(StoreChunk work);

        void drop(Drop work);
    }

    /**
     * Takes a snapshot of the state machine as it is behind every {@link Effect.Apply} before and
     * none after, or, by reference, of what is beside it; then the state machine has made its own
     * state durable first. Answered by {@link SnapshotNews.Taken} once it is durable, or {@link
     * SnapshotNews.Failed}.
     */
    record Take(SnapshotMeta meta) implements SnapshotWork {
        @Override
        public void runOn(Runner runner) {
            runner.take(this);
        }
    }

    /**
     * Puts the state of a durable snapshot in place of the state machine's, behind every {@link
     * Effect.Apply} before and before every one after; answered by {@link Event.Applied}.
     */
    record Restore(SnapshotMeta meta) implements SnapshotWork {
        @Override
        public void runOn(Runner runner) {
            runner.restore(this);
        }
    }

    /**
     * Reads a part of the snapshot of a position and sends it, or that there is none such.
     *
     * @param wanted which file it must be; null when any of that position will do
     */
    record SendChunk(
            ReplicaId to,
            LogPosition position,
            @Nullable SnapshotId wanted,
            long offset,
            int maxBytes)
            implements SnapshotWork {
        @Override
        public void runOn(Runner runner) {
            runner.sendChunk(this);
        }
    }

    /**
     * Writes the next part of a snapshot that is being fetched; at offset 0 begins anew. Answered
     * by {@link SnapshotNews.Stored}, by {@link SnapshotNews.Received} once all of it is checked
     * and durable, or {@link SnapshotNews.Unusable}.
     */
    record StoreChunk(SnapshotId id, long offset, Payload bytes) implements SnapshotWork {
        @Override
        public void runOn(Runner runner) {
            runner.storeChunk(this);
        }
    }

    /** Deletes the snapshot of a position. */
    record Drop(LogPosition position) implements SnapshotWork {
        @Override
        public void runOn(Runner runner) {
            runner.drop(this);
        }
    }
}
