package dev.lockstep.examples.kv.store;

import dev.lockstep.raft.model.Payload;
import java.util.List;

/**
 * What is asked of a {@link KvStore}: as a command of the log, or as a question to one replica.
 *
 * <p>Its bytes: the format's version (1), the kind, and the fields in their order; a list is a
 * count (4) and its elements, an operation its code (1) and its fields, a byte string its length
 * (4) and its bytes.
 */
public sealed interface Request {
    byte VERSION = 1;

    Payload toPayload();

    /**
     * @throws RuntimeException when the bytes are no request of this version
     */
    static Request read(Payload bytes) {
        WireReader in = new WireReader(bytes);
        byte version = in.readByte();
        if (version != VERSION) {
            throw new IllegalArgumentException(
                    "request format " + version + " is unknown to this version");
        }
        byte kind = in.readByte();
        return switch (kind) {
            case Batch.KIND -> new Batch(in.readList(OperationCode::read));
            case Tick.KIND -> new Tick();
            case Look.KIND ->
                    new Look(
                            in.readLong(),
                            in.readList(operation -> (Read) OperationCode.read(operation)));
            case Fingerprint.KIND -> new Fingerprint();
            default ->
                    throw new IllegalArgumentException(
                            "request " + kind + " is unknown to this version");
        };
    }

    private static WireWriter begin(byte kind) {
        return new WireWriter().putByte(VERSION).putByte(kind);
    }

    private static Payload listed(WireWriter out, List<? extends Operation> operations) {
        out.putInt(operations.size());
        operations.forEach(operation -> operation.writeTo(out));
        return out.toPayload();
    }

    /**
     * In the log: do these one after the other, with nothing in between. Answered by {@link
     * Answers}.
     */
    record Batch(List<Operation> operations) implements Request {
        static final byte KIND = 1;

        @Override
        public Payload toPayload() {
            return listed(begin(KIND), operations);
        }
    }

    /** In the log: nothing but a newer timestamp. */
    record Tick() implements Request {
        static final byte KIND = 2;

        @Override
        public Payload toPayload() {
            return begin(KIND).toPayload();
        }
    }

    /**
     * A question: answer these. Answered by {@link Answers}, or by none when the log's time must
     * decide.
     *
     * @param readerMillis the asking node's clock, see {@link Glance}
     */
    record Look(long readerMillis, List<Read> reads) implements Request {
        static final byte KIND = 3;

        @Override
        public Payload toPayload() {
            return listed(begin(KIND).putLong(readerMillis), reads);
        }
    }

    /** A question: what is the state, in a few bytes? Answered by a {@link Digest}. */
    record Fingerprint() implements Request {
        static final byte KIND = 4;

        @Override
        public Payload toPayload() {
            return begin(KIND).toPayload();
        }
    }
}
