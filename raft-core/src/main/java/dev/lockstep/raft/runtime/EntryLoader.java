package dev.lockstep.raft.runtime;

import dev.lockstep.raft.core.Effect;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.LogStore;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** Reads old entries back from the disk, in a loop of its own. */
final class EntryLoader {
    private final GroupId group;
    private final LogStore store;
    private final EventLoop readLoop;
    private final HostLoop host;

    EntryLoader(GroupId group, LogStore store, EventLoop readLoop, HostLoop host) {
        this.group = group;
        this.store = store;
        this.readLoop = readLoop;
        this.host = host;
    }

    /** Whether it is what the log holds there, as far as anything of that is known. */
    boolean isCopy(Entry entry) {
        return store.isCopy(group, entry);
    }

    /** One of the two is told, in the host's loop. */
    void load(Effect.Load effect, Consumer<List<Entry>> loaded, Consumer<Throwable> failed) {
        readLoop.execute(
                () -> {
                    try {
                        List<Entry> entries = store.read(group, effect.from(), effect.maxBytes());
                        host.post(() -> loaded.accept(entries));
                    } catch (IOException | RuntimeException | Error e) {
                        host.post(() -> failed.accept(e));
                    }
                });
    }
}
