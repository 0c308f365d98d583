package dev.lockstep.examples.kv.store;

import dev.lockstep.raft.model.Payload;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Reads what a {@link WireWriter} wrote. Every method fails on bytes that can't be such. */
final class WireReader {
    private final ByteBuffer in;

    WireReader(Payload bytes) {
        this.in = bytes.asByteBuffer();
    }

    byte readByte() {
        need(1);
        return in.get();
    }

    int readInt() {
        need(Integer.BYTES);
        return in.getInt();
    }

    long readLong() {
        need(Long.BYTES);
        return in.getLong();
    }

    /** A copy, since a small value must not keep the whole batch that it came in. */
    Payload readBytes() {
        int length = readInt();
        need(length);
        byte[] bytes = new byte[length];
        in.get(bytes);
        return Payload.wrap(bytes);
    }

    /** The next bytes, with their length before them, not copied. */
    ByteBuffer readSlice() {
        int length = readInt();
        need(length);
        ByteBuffer slice = in.slice(in.position(), length);
        in.position(in.position() + length);
        return slice;
    }

    Key readKey() {
        return Key.of(readBytes());
    }

    /** A count, then as many elements. */
    <T> List<T> readList(Function<WireReader, T> element) {
        int count = readInt();
        need(count);
        List<T> all = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            all.add(element.apply(this));
        }
        return all;
    }

    private void need(int bytes) {
        if (bytes < 0 || in.remaining() < bytes) {
            throw new BufferUnderflowException();
        }
    }
}
