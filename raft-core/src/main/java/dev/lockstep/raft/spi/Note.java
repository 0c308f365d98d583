package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.Payload;
import org.jspecify.annotations.Nullable;

/**
 * A value that a {@link DurableStateMachine} keeps for the library beside its own state, under a
 * number. There is at most one under each.
 *
 * @param key not negative; how many there are at a time is bounded by the commands of sessions
 *     between a few snapshots
 * @param value opaque, never empty: some tens of bytes, or the answers of a batch of commands. Null
 *     when what is kept under the key is to be removed
 */
public record Note(long key, @Nullable Payload value) {
    public Note {
        if (key < 0) {
            throw new IllegalArgumentException("a note's key is not negative: " + key);
        }
    }
}
