package dev.lockstep.examples.kv.store;

/**
 * One thing that is done with the keyspace: what a client's command means, without its spelling. It
 * stands in the log, so what an operation does never changes; another behaviour is another
 * operation with another code.
 */
public sealed interface Operation permits Read, Write {
    OperationCode code();

    void writeFields(WireWriter out);

    /** Does it, as a command of the log whose timestamp the keyspace has reached. */
    Reply runOn(Keyspace space);

    default void writeTo(WireWriter out) {
        writeFields(out.putByte(code().code()));
    }
}
