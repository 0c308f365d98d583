package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;

/**
 * A committed command on its way into the state machine.
 *
 * @param position where it stands in the log; never the same for two commands, so its index is a
 *     fencing token
 * @param timestampMillis the leader's clock when it was proposed, milliseconds since 1970, never
 *     going back from one command to the next; the same on every replica
 * @param payload what was proposed
 */
public record Command(LogPosition position, long timestampMillis, Payload payload) {}
