package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.Payload;

/** Measures fields. */
final class FieldSizes implements FieldSink {
    private long size;

    void reset() {
        size = 0;
    }

    /**
     * The bytes of all fields since the last {@link #reset}; a long, since a sum of payloads may
     * not be an int.
     */
    long size() {
        return size;
    }

    @Override
    public void varint(int field, long value) {
        if (value != 0) {
            size += ofTag(field) + ofVarint(value);
        }
    }

    @Override
    public void fixed64(int field, long value) {
        if (value != 0) {
            size += ofTag(field) + Long.BYTES;
        }
    }

    @Override
    public void payload(int field, Payload value) {
        if (value.size() != 0) {
            size += ofTag(field) + ofVarint(value.size()) + value.size();
        }
    }

    @Override
    public void nested(int field, int nestedSize) {
        size += ofTag(field) + ofVarint(nestedSize);
    }

    @Override
    public void raw(Payload fields) {
        size += fields.size();
    }

    static int ofTag(int field) {
        return field < 16 ? 1 : 2;
    }

    /** Seven bits a byte; a negative value takes ten. */
    static int ofVarint(long value) {
        return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
    }
}
