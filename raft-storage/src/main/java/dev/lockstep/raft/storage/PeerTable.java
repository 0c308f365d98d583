package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.spi.HostIdentity;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The latest start of each peer's directory.
 *
 * <p>A node that comes with another directory doesn't make the ones before forgotten: else an old
 * copy of the first could come behind a new, empty one and pass for unknown. Each directory is
 * judged by itself, since the later start of an earlier one is no harm: somebody had mounted the
 * wrong disk.
 *
 * @param boots one for each directory, the one that changed least recently first
 */
record PeerTable(List<HostIdentity> boots) {
    static final int MOST = 1024;
    static final int MOST_OF_ONE_NODE = 8;
    static final PeerTable EMPTY = new PeerTable(List.of());

    PeerTable {
        boots = List.copyOf(boots);
    }

    boolean holds(HostIdentity peer) {
        return boots.contains(peer);
    }

    /** Why that start may not be taken; null when it may. */
    @Nullable Fault conflictOf(HostIdentity peer) {
        for (HostIdentity seen : boots) {
            if (peer.isOfSameDirectory(seen)) {
                return peer.conflictWith(seen);
            }
        }
        return null;
    }

    /** Where there are too many, the one that changed least recently is forgotten. */
    PeerTable with(HostIdentity peer) {
        List<HostIdentity> next = new ArrayList<>(boots);
        next.removeIf(peer::isOfSameDirectory);
        List<HostIdentity> ofNode =
                next.stream().filter(seen -> seen.node().equals(peer.node())).toList();
        if (ofNode.size() >= MOST_OF_ONE_NODE) {
            next.remove(ofNode.get(0));
        } else if (next.size() >= MOST) {
            next.remove(0);
        }
        next.add(peer);
        return new PeerTable(next);
    }
}
