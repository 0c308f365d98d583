package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;

/**
 * Where a proposal's end is told: a future on this host, or the replica that forwarded it. The
 * first call counts.
 */
interface Completion {
    /** Committed at the index, and applied. Called by the applying thread. */
    void done(long index, Payload result);

    /** Surely not done. */
    void notDone(NotDone why);

    void unknown(OutcomeUnknown why);

    /** It is tried again, though an earlier try may have taken effect. Called before its end. */
    default void repeated() {}
}
