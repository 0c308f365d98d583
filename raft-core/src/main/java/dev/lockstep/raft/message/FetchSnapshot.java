package dev.lockstep.raft.message;

import dev.lockstep.raft.model.SnapshotId;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a part of a snapshot. Outside of terms: a snapshot holds only what is committed, so it
 * is the same truth whoever leads.
 *
 * @param atLeast the least index that is of use
 * @param id the snapshot of which the sender has a part; null when it has none, and then any will
 *     do
 * @param offset how many bytes of it the sender has
 */
public record FetchSnapshot(long atLeast, @Nullable SnapshotId id, long offset) implements Message {
    public FetchSnapshot {
        Terms.checkIndex("atLeast", atLeast);
        if (offset < 0 || (id == null ? offset > 0 : offset >= id.bytes())) {
            throw new IllegalArgumentException("no byte " + offset + " of " + id);
        }
    }

    @Override
    public long term() {
        return 0;
    }
}
