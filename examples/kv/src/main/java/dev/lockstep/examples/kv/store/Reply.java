package dev.lockstep.examples.kv.store;

import dev.lockstep.raft.model.Payload;
import java.util.List;

/** An answer in the terms of the Redis protocol, version 2 (RESP2). */
public sealed interface Reply {
    /** More than a number, a length or a fixed text takes. */
    int SHORT_BYTES = 32;

    /** Appends this reply as it goes to the client. */
    void writeTo(WireWriter out);

    /** At least as many bytes as {@link #writeTo} appends. */
    default long maxBytes() {
        return SHORT_BYTES;
    }

    static Reply ok() {
        return Status.OK;
    }

    static Reply nil() {
        return Nil.ONE;
    }

    static Reply of(long number) {
        return new Whole(number);
    }

    static Reply of(boolean flag) {
        return new Whole(flag ? 1 : 0);
    }

    static Reply bulk(String text) {
        return new Bulk(Payload.of(text));
    }

    /**
     * @param text its first word is the kind of error, which clients look at
     */
    static Reply failure(String text) {
        return new Failure(text);
    }

    /** A short text, such as {@code OK}. */
    record Status(String text) implements Reply {
        private static final Status OK = new Status("OK");

        @Override
        public long maxBytes() {
            return SHORT_BYTES + 3L * text.length();
        }

        @Override
        public void writeTo(WireWriter out) {
            out.putByte('+').putRaw(text).putRaw("\r\n");
        }
    }

    /** An error; line breaks in its text become blanks, since they would end it. */
    record Failure(String text) implements Reply {
        @Override
        public long maxBytes() {
            return SHORT_BYTES + 3L * text.length();
        }

        @Override
        public void writeTo(WireWriter out) {
            out.putByte('-').putRaw(text.replace('\r', ' ').replace('\n', ' ')).putRaw("\r\n");
        }
    }

    /** A signed number of 64 bits. */
    record Whole(long value) implements Reply {
        @Override
        public void writeTo(WireWriter out) {
            out.putByte(':').putRaw(Long.toString(value)).putRaw("\r\n");
        }
    }

    /** Any bytes. */
    record Bulk(Payload bytes) implements Reply {
        @Override
        public long maxBytes() {
            return (long) SHORT_BYTES + bytes.size();
        }

        @Override
        public void writeTo(WireWriter out) {
            out.putByte('$').putRaw(Integer.toString(bytes.size())).putRaw("\r\n");
            out.putRaw(bytes).putRaw("\r\n");
        }
    }

    /** No value. */
    record Nil() implements Reply {
        private static final Nil ONE = new Nil();

        @Override
        public void writeTo(WireWriter out) {
            out.putRaw("$-1\r\n");
        }
    }

    /** Several replies in one. */
    record Many(List<? extends Reply> all) implements Reply {
        @Override
        public long maxBytes() {
            long sum = SHORT_BYTES;
            for (Reply reply : all) {
                sum += reply.maxBytes();
            }
            return sum;
        }

        @Override
        public void writeTo(WireWriter out) {
            out.putByte('*').putRaw(Integer.toString(all.size())).putRaw("\r\n");
            all.forEach(reply -> reply.writeTo(out));
        }
    }
}
