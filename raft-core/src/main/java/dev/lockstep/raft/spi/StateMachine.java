package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.Payload;
import java.util.OptionalLong;

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

    /**
     * A hash of the state, if the machine keeps one: equal on every replica that has applied the
     * same commands. Asked for every {@code compareStateEvery} entries, in the loop that applies; a
     * replica whose hash differs from that of a majority stops. Must not depend on the order of a
     * hash table, an address or anything else that differs from one process to the next.
     */
    default OptionalLong stateHash() {
        return OptionalLong.empty();
    }

    /** Answers a question without changing anything. */
    Payload query(Payload question);
}
