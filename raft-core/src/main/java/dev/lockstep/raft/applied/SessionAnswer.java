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
    /** How it went. The codes, which are the ordinals, stand on disk and wire and never change. */
    public enum Outcome {
        /** It took effect, now or at an earlier try. */
        DONE,
        /** The session has ended, or never was. Nothing ran now. */
        EXPIRED,
        /** The session holds as many answers as it may. Nothing ran now. */
        FULL,
        /** The client has said that it waits for this sequence no more. Nothing ran now. */
        FORGOTTEN,
        /** The group has as many sessions as it may. None was opened. */
        TOO_MANY_SESSIONS,
        /** The entry makes no sense to this version. Nothing ran. */
        MALFORMED
    }

    private static final Outcome[] BY_CODE = Outcome.values();

    /** The answer's bytes after the outcome's. */
    public Payload encode() {
        ByteBuffer bytes = ByteBuffer.allocate(1 + answer.size()).put((byte) outcome.ordinal());
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
