package dev.lockstep.raft.message;

import dev.lockstep.raft.model.LogPosition;

/**
 * Asks for a copy of an entry that the sender's log holds and its disk has damaged. It is outside
 * of terms: whoever holds an entry of that index and term holds the same one (§3.5).
 */
public record FetchEntry(LogPosition position) implements Message {
    @Override
    public long term() {
        return 0;
    }
}
