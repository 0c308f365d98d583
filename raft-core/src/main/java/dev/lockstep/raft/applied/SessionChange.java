package dev.lockstep.raft.applied;

import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SessionId;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What an entry of kind {@link EntryKind#SESSION} says. Bounds are in the entry rather than taken
 * from a replica's options, which may differ from one replica to the next while they are changed.
 *
 * <pre>
 *   1 open        nonce (8), most sessions (4), most answers (4), timeout in milliseconds (8)
 *   2 keep alive  index (8), nonce (8)
 *   3 close       index (8), nonce (8)
 *   4 expire      idle milliseconds (8)
 * </pre>
 */
public sealed interface SessionChange {
    /** Of the payload of {@link Open}. */
    int OPEN_BYTES = 1 + 8 + 4 + 4 + 8;

    /**
     * Opens a session; answered with its index.
     *
     * @param nonce drawn by the client; asking again with it doesn't open a second session, as long
     *     as the first is unused
     * @param maxSessions how many the group may have with this one
     * @param maxAnswers how many answers may be kept in it
     * @param idleMillis how long a session may be unused, for {@link SessionTime}; what ends one is
     *     {@link Expire} alone
     */
    record Open(long nonce, int maxSessions, int maxAnswers, long idleMillis)
            implements SessionChange {}

    /** Counts as a use. */
    record KeepAlive(SessionId session) implements SessionChange {}

    /** Ends the session. */
    record Close(SessionId session) implements SessionChange {}

    /** Ends the sessions that were last used so long before this entry, by the sessions' time. */
    record Expire(long idleMillis) implements SessionChange {}

    /** The payload of such an entry. */
    default Payload encode() {
        if (this instanceof Open open) {
            return Payload.wrap(
                    ByteBuffer.allocate(OPEN_BYTES)
                            .put((byte) 1)
                            .putLong(open.nonce())
                            .putInt(open.maxSessions())
                            .putInt(open.maxAnswers())
                            .putLong(open.idleMillis())
                            .array());
        } else if (this instanceof KeepAlive keepAlive) {
            return named(2, keepAlive.session());
        } else if (this instanceof Close close) {
            return named(3, close.session());
        } else {
            long idleMillis = ((Expire) this).idleMillis();
            return Payload.wrap(ByteBuffer.allocate(9).put((byte) 4).putLong(idleMillis).array());
        }
    }

    private static Payload named(int code, SessionId session) {
        return Payload.wrap(
                ByteBuffer.allocate(17)
                        .put((byte) code)
                        .putLong(session.index())
                        .putLong(session.nonce())
                        .array());
    }

    /** Null for bytes that {@link #encode} never makes. */
    static @Nullable SessionChange decode(Payload payload) {
        ByteBuffer bytes = payload.asByteBuffer();
        int code = bytes.hasRemaining() ? bytes.get() : 0;
        if (code == 4 && bytes.remaining() == 8) {
            long idleMillis = bytes.getLong();
            return idleMillis < 0 ? null : new Expire(idleMillis);
        }
        if (code == 1 && bytes.remaining() == OPEN_BYTES - 1) {
            Open open = new Open(bytes.getLong(), bytes.getInt(), bytes.getInt(), bytes.getLong());
            boolean sane =
                    open.maxSessions() >= 0 && open.maxAnswers() >= 1 && open.idleMillis() >= 0;
            return sane ? open : null;
        }
        if (bytes.remaining() != 16) {
            return null;
        }
        long index = bytes.getLong();
        if (index < 1) {
            return null;
        }
        SessionId session = new SessionId(index, bytes.getLong());
        return switch (code) {
            case 2 -> new KeepAlive(session);
            case 3 -> new Close(session);
            default -> null;
        };
    }
}
