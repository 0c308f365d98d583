package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.Payload;

/**
 * Takes protobuf fields in ascending order, to measure or to write them: one description of a
 * message serves both, so the two can't disagree. A zero and an empty payload are left out, as
 * proto3 wants it.
 */
interface FieldSink {
    /** A uint64, int64, enum or bool. */
    void varint(int field, long value);

    void fixed64(int field, long value);

    void payload(int field, Payload value);

    /** Fields that are encoded already. */
    void raw(Payload fields);

    /**
     * The head of a message of {@code size} bytes; its fields follow. Not left out when it is
     * empty.
     */
    void nested(int field, int size);

    default void bool(int field, boolean value) {
        varint(field, value ? 1 : 0);
    }
}
