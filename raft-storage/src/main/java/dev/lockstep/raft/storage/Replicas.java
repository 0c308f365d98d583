package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.GroupId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** All replicas that live in this log. Added to by the log's writer, read by any thread. */
final class Replicas {
    private final ConcurrentHashMap<Long, ReplicaLog> byKey = new ConcurrentHashMap<>();
    private final LiveBytes live = new LiveBytes();

    /** Where the entries of all of them are. */
    LiveBytes live() {
        return live;
    }

    /**
     * @throws IllegalArgumentException when another group that lives here has the same key
     */
    @Nullable ReplicaLog find(GroupId group) {
        ReplicaLog found = byKey.get(group.key());
        if (found != null && !found.group().equals(group)) {
            throw new IllegalArgumentException(
                    "group '"
                            + group
                            + "' has the same key as '"
                            + found.group()
                            + "', which lives here: "
                            + "choose another name for the new one");
        }
        return found;
    }

    /**
     * @throws IllegalArgumentException when no replica of the group was made here
     */
    ReplicaLog get(GroupId group) {
        ReplicaLog found = find(group);
        if (found == null) {
            throw new IllegalArgumentException(
                    "group '" + group + "' has no replica here: ask for it first");
        }
        return found;
    }

    @Nullable ReplicaLog find(long key) {
        return byKey.get(key);
    }

    void add(ReplicaLog replica) {
        byKey.put(replica.key(), replica);
    }

    int size() {
        return byKey.size();
    }

    /** All, by name, so that what is written of them has one order on every run. */
    List<ReplicaLog> sorted() {
        List<ReplicaLog> all = new ArrayList<>(byKey.values());
        all.sort(Comparator.comparing(ReplicaLog::group));
        return all;
    }
}
