package dev.lockstep.raft.node;

import dev.lockstep.raft.model.PeerProgress;
import java.util.List;

/**
 * A replica at one moment, and what it knows of the others if it leads.
 *
 * @param peers every other member, and whoever was just left out and isn't known to know it; empty
 *     where this replica doesn't lead
 */
public record GroupReport(GroupStatus status, List<PeerProgress> peers) {
    public GroupReport {
        peers = List.copyOf(peers);
    }
}
