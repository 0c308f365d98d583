package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.Payload;

/**
 * What a group replicates. Every replica applies the same commands in the same order, so {@link
 * #apply} must depend on nothing but the state and the command: no clock (the command carries one),
 * no random number, no I/O whose answer may differ. All methods are called by one thread at a time,
 * each call seeing the ones before.
 *
 * <p>An exception from {@link #apply} halts this replica at that command, since skipping it would
 * make the replicas differ. An exception from {@link #query} fails that one read.
 */
public interface StateMachine {
    /**
     * Runs a committed command.
     *
     * @return the answer for whoever proposed it
     */
    Payload apply(Command command);

    /** Answers a question without changing anything. */
    Payload query(Payload question);
}
