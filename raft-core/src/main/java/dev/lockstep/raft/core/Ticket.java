package dev.lockstep.raft.core;

import dev.lockstep.raft.model.ReplicaId;
import org.jspecify.annotations.Nullable;

/**
 * Whose proposal or read it is.
 *
 * @param origin the replica that forwarded it; null when it was made on this host
 * @param id the number that the origin gave it
 */
public record Ticket(@Nullable ReplicaId origin, long id) {
    public static Ticket local(long id) {
        return new Ticket(null, id);
    }
}
