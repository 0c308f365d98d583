package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Handovers of leadership that somebody waits for. Used in the host's loop only. */
final class Transfers {
    private final Map<Long, Waiting> waiting = new TreeMap<>();
    private long lastId;

    /** Both are called in the host's loop; one of them, once. */
    record Waiting(Consumer<NodeId> succeeded, Consumer<NotDone> failed) {}

    long add(Waiting who) {
        lastId++;
        waiting.put(lastId, who);
        return lastId;
    }

    void aborted(long id, String reason) {
        Waiting who = waiting.remove(id);
        if (who != null) {
            who.failed()
                    .accept(
                            new NotDone(
                                    NotDone.Reason.REFUSED,
                                    "leadership was not handed over: " + reason));
        }
    }

    /** Somebody else leads now. */
    void succeeded(NodeId leader) {
        takeAll().forEach(who -> who.succeeded().accept(leader));
    }

    void endAll(NotDone why) {
        takeAll().forEach(who -> who.failed().accept(why));
    }

    private List<Waiting> takeAll() {
        List<Waiting> all = new ArrayList<>(waiting.values());
        waiting.clear();
        return all;
    }
}
