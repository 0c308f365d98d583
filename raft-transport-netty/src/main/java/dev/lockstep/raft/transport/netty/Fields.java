package dev.lockstep.raft.transport.netty;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.lockstep.raft.model.Payload;
import java.io.IOException;
import java.util.Arrays;

/**
 * Reads a message's numbers, and the one payload that it may have, by the tags that it expects;
 * skips the rest, which is of a later version. Used again for each message: the values are those of
 * the last {@link #read}.
 */
final class Fields {
    private final int[] tags;
    private final long[] values;
    private Payload payload = Payload.EMPTY;

    /**
     * @param types the wire types of the fields 1, 2, …
     */
    Fields(int... types) {
        tags = new int[types.length + 1];
        values = new long[types.length + 1];
        for (int i = 0; i < types.length; i++) {
            tags[i + 1] = i + 1 << 3 | types[i];
        }
    }

    /** Reads up to the current limit of {@code in}, which reads {@code frame} from its start. */
    void read(CodedInputStream in, byte[] frame) throws IOException {
        Arrays.fill(values, 0);
        payload = Payload.EMPTY;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int field = tag >>> 3;
            if (field >= tags.length || tags[field] != tag) {
                in.skipField(tag);
                continue;
            }
            switch (tag & 7) {
                case WireFormat.WIRETYPE_VARINT -> values[field] = in.readRawVarint64();
                case WireFormat.WIRETYPE_FIXED64 -> values[field] = in.readRawLittleEndian64();
                default -> payload = slice(in, frame);
            }
        }
    }

    /**
     * Shares the frame's array: the payload's bytes were copied once, from the socket's buffer to
     * it.
     */
    private static Payload slice(CodedInputStream in, byte[] frame) throws IOException {
        int size = in.readRawVarint32();
        int offset = in.getTotalBytesRead();
        in.skipRawBytes(size); // refuses a negative size and one beyond the limit
        return Payload.wrap(frame, offset, size);
    }

    long number(int field) {
        return values[field];
    }

    boolean flag(int field) {
        return values[field] != 0;
    }

    Payload payload() {
        return payload;
    }
}
