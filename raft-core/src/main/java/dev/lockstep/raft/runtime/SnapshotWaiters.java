package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.NotDone;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Clients that asked for a snapshot. Used in the host's loop only. */
final class SnapshotWaiters {
    private final List<Waiting> waiting = new ArrayList<>();

    /** One of both is called in the host's loop, once. */
    record Waiter(LongConsumer succeeded, Consumer<NotDone> failed) {}

    private record Waiting(long index, Waiter who) {}

    /** Waits for a snapshot at that index or beyond. */
    void add(long index, Waiter who) {
        waiting.add(new Waiting(index, who));
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** There is a durable snapshot at that index. */
    void reached(long index) {
        List<Waiting> done = waiting.stream().filter(one -> one.index() <= index).toList();
        waiting.removeAll(done);
        done.forEach(one -> one.who().succeeded().accept(index));
    }

    void endAll(NotDone why) {
        List<Waiting> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(one -> one.who().failed().accept(why));
    }
}
