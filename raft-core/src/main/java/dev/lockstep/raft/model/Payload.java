package dev.lockstep.raft.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.Checksum;

/**
 * Immutable bytes: a command, a query, a result. Equal when the bytes are. {@link #wrap} shares an
 * array that its giver must never change again; everything else copies.
 */
public final class Payload {
    public static final Payload EMPTY = new Payload(new byte[0], 0, 0);
    private static final int SHOWN = 12;

    private final byte[] bytes;
    private final int offset;
    private final int size;

    private Payload(byte[] bytes, int offset, int size) {
        this.bytes = bytes;
        this.offset = offset;
        this.size = size;
    }

    /** Eight bytes, most significant first; {@link #asLong} reads them back. */
    public static Payload of(long value) {
        byte[] bytes = new byte[Long.BYTES];
        ByteBuffer.wrap(bytes).putLong(value);
        return new Payload(bytes, 0, bytes.length);
    }

    /** The text in UTF-8; {@link #asString} reads it back. */
    public static Payload of(String text) {
        return wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    public static Payload copyOf(byte[] bytes) {
        return wrap(bytes.clone());
    }

    /** Shares {@code bytes}, which nobody may change from now on. */
    public static Payload wrap(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new Payload(bytes, 0, bytes.length);
    }

    /**
     * Shares a part of {@code bytes}, which nobody may change from now on.
     *
     * @throws IndexOutOfBoundsException when the part isn't inside the array
     */
    public static Payload wrap(byte[] bytes, int offset, int size) {
        if (offset < 0 || size < 0 || offset > bytes.length - size) {
            throw new IndexOutOfBoundsException(
                    offset + "+" + size + " isn't inside of " + bytes.length + " bytes");
        }
        return size == 0 ? EMPTY : new Payload(bytes, offset, size);
    }

    public int size() {
        return size;
    }

    /**
     * @throws IndexOutOfBoundsException when {@code at} is negative or at least {@link #size}
     */
    public byte byteAt(int at) {
        if (at < 0 || at >= size) {
            throw new IndexOutOfBoundsException(at + " of " + size + " bytes");
        }
        return bytes[offset + at];
    }

    /**
     * What {@link #of(long)} was given.
     *
     * @throws IllegalStateException when there aren't just eight bytes
     */
    public long asLong() {
        if (size != Long.BYTES) {
            throw new IllegalStateException("a long has 8 bytes, this payload " + size);
        }
        return ByteBuffer.wrap(bytes, offset, size).getLong();
    }

    /** The bytes read as UTF-8. */
    public String asString() {
        return new String(bytes, offset, size, StandardCharsets.UTF_8);
    }

    public byte[] toByteArray() {
        return Arrays.copyOfRange(bytes, offset, offset + size);
    }

    /** A read-only view, from position 0 to {@link #size}. */
    public ByteBuffer asByteBuffer() {
        return ByteBuffer.wrap(bytes, offset, size).slice().asReadOnlyBuffer();
    }

    /** Puts all bytes into {@code target}, with one copy. */
    public void writeTo(ByteBuffer target) {
        target.put(bytes, offset, size);
    }

    /**
     * Puts the {@code length} bytes from {@code from} on into {@code target}, with one copy.
     *
     * @param at where in the target; its position stays
     */
    public void writeTo(ByteBuffer target, int at, int from, int length) {
        if (from < 0 || length < 0 || from > size - length) {
            throw new IndexOutOfBoundsException(
                    from + "+" + length + " isn't inside of " + size + " bytes");
        }
        target.put(at, bytes, offset + from, length);
    }

    /**
     * What follows the first {@code skipped} bytes; shares their array.
     *
     * @throws IndexOutOfBoundsException when there aren't so many
     */
    public Payload from(int skipped) {
        if (skipped < 0 || skipped > size) {
            throw new IndexOutOfBoundsException(skipped + " of " + size + " bytes");
        }
        return skipped == size ? EMPTY : new Payload(bytes, offset + skipped, size - skipped);
    }

    public void addTo(Checksum checksum) {
        checksum.update(bytes, offset, size);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Payload that
                && Arrays.equals(
                        bytes,
                        offset,
                        offset + size,
                        that.bytes,
                        that.offset,
                        that.offset + that.size);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = offset; i < offset + size; i++) {
            hash = 31 * hash + bytes[i];
        }
        return hash;
    }

    /** Size and first bytes, such as {@code [3: 010203]}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder().append('[').append(size).append(": ");
        for (int i = 0; i < Math.min(size, SHOWN); i++) {
            text.append(Character.forDigit(bytes[offset + i] >> 4 & 15, 16));
            text.append(Character.forDigit(bytes[offset + i] & 15, 16));
        }
        return text.append(size > SHOWN ? "…]" : "]").toString();
    }
}
