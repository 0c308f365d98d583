package dev.lockstep.examples.kv.store;

import dev.lockstep.raft.model.Payload;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes that grow: numbers most significant byte first, byte strings with their length before them.
 */
public final class WireWriter {
    private static final int FIRST_CAPACITY = 64;

    private ByteBuffer buffer = ByteBuffer.allocate(FIRST_CAPACITY);

    public WireWriter putByte(int value) {
        room(1).put((byte) value);
        return this;
    }

    public WireWriter putInt(int value) {
        room(Integer.BYTES).putInt(value);
        return this;
    }

    /** Replaces an int that was put at {@code position}. */
    void setInt(int position, int value) {
        buffer.putInt(position, value);
    }

    public WireWriter putLong(long value) {
        room(Long.BYTES).putLong(value);
        return this;
    }

    /** The length, then the bytes. */
    public WireWriter putBytes(Payload bytes) {
        bytes.writeTo(room(Integer.BYTES + bytes.size()).putInt(bytes.size()));
        return this;
    }

    /** The bytes alone. */
    WireWriter putRaw(Payload bytes) {
        bytes.writeTo(room(bytes.size()));
        return this;
    }

    /** The text alone, in UTF-8. */
    WireWriter putRaw(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        room(bytes.length).put(bytes);
        return this;
    }

    public int size() {
        return buffer.position();
    }

    /** Forgets all after the first {@code size} bytes. */
    void truncate(int size) {
        buffer.position(size);
    }

    /** All bytes so far; the writer must not be used after this. */
    public Payload toPayload() {
        return Payload.wrap(buffer.array(), 0, buffer.position());
    }

    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            int needed = Math.addExact(buffer.position(), bytes);
            int capacity =
                    (int) Math.min(Math.max(2L * buffer.capacity(), needed), Integer.MAX_VALUE - 8);
            ByteBuffer larger = ByteBuffer.wrap(Arrays.copyOf(buffer.array(), capacity));
            buffer = larger.position(buffer.position());
        }
        return buffer;
    }
}
