package dev.lockstep.raft.runtime;

import dev.lockstep.raft.core.Lease;
import dev.lockstep.raft.spi.Clock;

/**
 * The second look at a lease, once the state machine has answered and before anybody is told:
 * between the first one and this the process may have stood still.
 *
 * @param otherwise asks a quorum instead; called in the apply loop
 */
record LeaseCheck(Lease lease, Clock clock, Runnable otherwise) {
    boolean passes() {
        return lease.holds(clock.nanoTime(), clock.wallMillis());
    }
}
