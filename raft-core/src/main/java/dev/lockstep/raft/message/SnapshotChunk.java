package dev.lockstep.raft.message;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotId;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@link FetchSnapshot} with a part of a snapshot. Outside of terms, as that is.
 *
 * @param id which snapshot; null when the sender has none that was asked for
 * @param offset where in it the bytes begin
 * @param bytes at least one, but none without an id
 */
public record SnapshotChunk(@Nullable SnapshotId id, long offset, Payload bytes)
        implements Message {
    /** The sender has none that was asked for. */
    public static final SnapshotChunk NONE = new SnapshotChunk(null, 0, Payload.EMPTY);

    public SnapshotChunk {
        boolean fits =
                id == null
                        ? offset == 0 && bytes.size() == 0
                        : offset >= 0 && bytes.size() > 0 && bytes.size() <= id.bytes() - offset;
        if (!fits) {
            throw new IllegalArgumentException(
                    bytes.size() + " bytes at " + offset + " are no part of " + id);
        }
    }

    @Override
    public long term() {
        return 0;
    }
}
