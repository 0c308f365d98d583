package dev.lockstep.raft.message;

import dev.lockstep.raft.model.Entry;

/** Answers {@link FetchEntry}; committed or not, it is the entry of that index and term. */
public record EntryCopy(Entry entry) implements Message {
    @Override
    public long term() {
        return 0;
    }
}
