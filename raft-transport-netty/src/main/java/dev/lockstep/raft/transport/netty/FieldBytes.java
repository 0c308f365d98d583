package dev.lockstep.raft.transport.netty;

import com.google.protobuf.WireFormat;
import dev.lockstep.raft.model.Payload;
import java.nio.ByteBuffer;

/**
 * Writes fields straight into the outgoing buffer: a payload's bytes are copied there and nowhere
 * else.
 */
final class FieldBytes implements FieldSink {
    private static final ByteBuffer NOWHERE = ByteBuffer.allocate(0);

    private ByteBuffer out = NOWHERE;

    /** Writes to {@code target}, big-endian, from now on. */
    void to(ByteBuffer target) {
        out = target;
    }

    void done() {
        assert !out.hasRemaining() : out.remaining() + " bytes measured and not written";
        out = NOWHERE;
    }

    @Override
    public void varint(int field, long value) {
        if (value != 0) {
            tag(field, WireFormat.WIRETYPE_VARINT);
            number(value);
        }
    }

    @Override
    public void fixed64(int field, long value) {
        if (value != 0) {
            tag(field, WireFormat.WIRETYPE_FIXED64);
            // The buffer belongs to Netty, which expects it to stay big-endian.
            out.putLong(Long.reverseBytes(value));
        }
    }

    @Override
    public void payload(int field, Payload value) {
        if (value.size() != 0) {
            tag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            number(value.size());
            value.writeTo(out);
        }
    }

    @Override
    public void nested(int field, int size) {
        tag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        number(size);
    }

    @Override
    public void raw(Payload fields) {
        fields.writeTo(out);
    }

    private void tag(int field, int type) {
        number((long) field << 3 | type);
    }

    private void number(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }
}
