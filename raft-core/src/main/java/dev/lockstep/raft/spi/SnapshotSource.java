package dev.lockstep.raft.spi;

import java.io.DataOutputStream;
import java.io.IOException;

/**
 * The state of a {@link StateMachine} as it was when {@link StateMachine#snapshot} was called. It
 * is written later, once, by another thread, while the machine goes on: so it must not read what
 * the machine changes.
 */
@FunctionalInterface
public interface SnapshotSource {
    /**
     * Writes all that {@link StateMachine#restore} needs. The stream is buffered; closing it is not
     * needed.
     *
     * @throws IOException what {@code out} throws. Then, and when anything else is thrown, there is
     *     no snapshot this time, the listener is told, and the replica goes on
     */
    void writeTo(DataOutputStream out) throws IOException;

    /**
     * Lets go of what it holds, such as a database's view. Called once, after {@link #writeTo} or
     * instead of it, by the thread that calls that; not when the process ends before.
     */
    default void close() {}
}
