package dev.lockstep.raft.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a later version of the wire format may send by the rules of {@code lockstep.proto}: each
 * message, and each one within another, ends with fields of numbers that this version doesn't use,
 * one of each wire type. There is no such version yet; so an upgrade of one host after the other is
 * shown against this one.
 */
final class NextVersion {
    /** Kept free in the envelope, and far beyond what the others use; its tag takes one byte. */
    private static final int NEAR_FIELD = 15;

    /** Its tag takes two bytes. */
    private static final int FAR_FIELD = 1_000;

    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED_32 = 5;
    private static final byte[] TEXT = {1, 2, 3};

    /** Where in a frame a message stands. */
    private enum Place {
        FRAME,
        ENVELOPE,
        APPEND_ENTRIES,
        FOUNDING_STATE,
        /** A message without others in it. */
        LEAF;

        /** What a field holds; null when that is no message. */
        @Nullable Place in(int field) {
            return switch (this) {
                case FRAME -> field == 4 ? ENVELOPE : null;
                case ENVELOPE ->
                        switch (field) {
                            case 1, 2, 3 -> null;
                            case 6 -> APPEND_ENTRIES;
                            case 20 -> FOUNDING_STATE;
                            default -> LEAF;
                        };
                case APPEND_ENTRIES -> field == 5 ? LEAF : null;
                case FOUNDING_STATE -> field == 2 ? LEAF : null;
                case LEAF -> null;
            };
        }
    }

    private NextVersion() {}

    /** The same frame, as a host of the next version would send it. */
    static byte[] extended(byte[] frame) {
        return extended(ByteBuffer.wrap(frame), Place.FRAME);
    }

    private static byte[] extended(ByteBuffer in, Place place) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(in.remaining() + 64);
        while (in.hasRemaining()) {
            long tag = number(in);
            int field = (int) (tag >>> 3);
            Place inner = place.in(field);
            number(out, tag);
            if (inner != null) {
                bytes(out, extended(value(in, BYTES), inner));
            } else {
                int type = (int) tag & 7;
                ByteBuffer value = value(in, type);
                if (type == BYTES) {
                    number(out, value.remaining());
                }
                out.write(value.array(), value.arrayOffset(), value.remaining());
            }
        }
        number(out, NEAR_FIELD << 3 | VARINT);
        number(out, -1);
        number(out, FAR_FIELD << 3 | FIXED_64);
        out.write(new byte[Long.BYTES], 0, Long.BYTES);
        number(out, FAR_FIELD + 1 << 3 | BYTES);
        bytes(out, TEXT);
        number(out, FAR_FIELD + 2 << 3 | FIXED_32);
        out.write(new byte[Integer.BYTES], 0, Integer.BYTES);
        return out.toByteArray();
    }

    /** Whether a frame has what the next version adds to it. */
    static boolean isExtended(byte[] frame) {
        ByteBuffer in = ByteBuffer.wrap(frame);
        while (in.hasRemaining()) {
            long tag = number(in);
            if (tag >>> 3 == FAR_FIELD) {
                return true;
            }
            value(in, (int) tag & 7);
        }
        return false;
    }

    /** Takes a field's value, without the size before it. */
    private static ByteBuffer value(ByteBuffer in, int type) {
        int begin = in.position();
        int size =
                switch (type) {
                    case VARINT -> {
                        number(in);
                        yield in.position() - begin;
                    }
                    case FIXED_64 -> Long.BYTES;
                    case FIXED_32 -> Integer.BYTES;
                    case BYTES -> {
                        int bytes = (int) number(in);
                        begin = in.position();
                        yield bytes;
                    }
                    default -> throw new IllegalArgumentException("no wire type: " + type);
                };
        in.position(begin + size);
        return in.slice(begin, size);
    }

    private static long number(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static void number(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private static void bytes(ByteArrayOutputStream out, byte[] value) {
        number(out, value.length);
        out.write(value, 0, value.length);
    }
}
