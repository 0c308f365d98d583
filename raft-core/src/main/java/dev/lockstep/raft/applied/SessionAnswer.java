package dev.lockstep.raft.applied;

import dev.lockstep.raft.model.Payload;
import java.nio.ByteBuffer;

/**
 * What a replica answers to an entry of a session: a byte that says how it went, and the answer.
 *
 * @param outcome how it went
 * @param answer the state machine's, or the index of a session that was opened; else empty
 */
public record SessionAnswer(Outcome outcome, Payload answer) {
    /** How it went. The codes stand in snapshots and on the wire, and never change. */
    public enum Outcome {
        /** It took effect, now or at an earlier try. */
        DONE(0),
        /** The session has ended, or never was. Nothing ran now. */
        EXPIRED(1),
        /** The session holds as many answers as it may. Nothing ran now. */
        FULL(2),
        /** The client has said that it waits for this sequence no more. Nothing ran now. */
        FORGOTTEN(3),
        /** The group has as many sessions as it may. None was opened. */
        TOO_MANY_SESSIONS(4),
        /** The entry makes no sense to this version. Nothing ran. */
        MALFORMED(5);

        private final byte code;

        Outcome(int code) {
            this.code = (byte) code;
        }
    }

    private static final Outcome[] BY_CODE = {
        Outcome.DONE,
        Outcome.EXPIRED,
        Outcome.FULL,
        Outcome.FORGOTTEN,
        Outcome.TOO_MANY_SESSIONS,
        Outcome.MALFORMED
    };

    /** The outcome's code, and the answer's bytes. */
    public Payload encode() {
        ByteBuffer bytes = ByteBuffer.allocate(1 + answer.size()).put(outcome.code);
        answer.writeTo(bytes);
        return Payload.wrap(bytes.array());
    }

    /**
     * @throws IllegalArgumentException for bytes that {@link #encode} of this version never makes
     */
    public static SessionAnswer decode(Payload payload) {
        int code = payload.size() == 0 ? -1 : payload.byteAt(0);
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException(
                    "no answer of a session that this version knows: " + payload);
        }
        return new SessionAnswer(BY_CODE[code], payload.from(1));
    }
}
