package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.Payload;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.OptionalLong;

/**
 * What a group replicates. Every replica applies the same commands in the same order, so {@link
 * #apply} must depend on nothing but the state and the command: no clock (the command carries one),
 * no random number, no I/O whose answer may differ. All methods are called by one thread at a time,
 * each call seeing the ones before.
 *
 * <p>An exception from {@link #apply} halts this replica at that command, since skipping it would
 * make the replicas differ. An exception from {@link #query} fails that one read.
 *
 * <p>One that keeps its state durably itself, such as in an embedded database, is a {@link
 * DurableStateMachine}.
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

    /**
     * Takes hold of the whole state as it is now, so that the log before it can be dropped (§5.1).
     * Returns soon, since nothing is applied meanwhile: with a copy, or with an immutable version;
     * what takes long is done by the source, which is written by another thread. A state that is
     * files is a {@link FileSnapshot}.
     *
     * <p>An exception leaves everything as it is: the listener is told, the log keeps growing, and
     * it is tried again later.
     */
    SnapshotSource snapshot();

    /**
     * Becomes the state that a {@link #snapshot} of this or another replica held, in place of the
     * present one. Called when the replica is opened, and when it is so far behind that the log
     * between is gone.
     *
     * <p>An exception halts this replica, since its state is not known any more.
     *
     * @param in what {@link SnapshotSource#writeTo} wrote, checked, and then its end
     * @throws IOException what {@code in} throws
     */
    void restore(DataInputStream in) throws IOException;
}
