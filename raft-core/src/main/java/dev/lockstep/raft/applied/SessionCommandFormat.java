package dev.lockstep.raft.applied;

import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SessionCommand;
import dev.lockstep.raft.model.SessionId;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The payload of an entry of kind {@link EntryKind#SESSION_COMMAND}.
 *
 * <pre>
 *   session's index (8), nonce (8), sequence (8), lowest unanswered sequence (8), command
 * </pre>
 */
public final class SessionCommandFormat {
    private static final int HEADER_BYTES = 32;

    private SessionCommandFormat() {}

    public static Payload encode(SessionCommand command) {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + command.command().size());
        bytes.putLong(command.session().index());
        bytes.putLong(command.session().nonce());
        bytes.putLong(command.sequence());
        bytes.putLong(command.lowestUnanswered());
        command.command().writeTo(bytes);
        return Payload.wrap(bytes.array());
    }

    /** Null for bytes that {@link #encode} never makes. The command shares the payload's array. */
    static @Nullable SessionCommand decode(Payload payload) {
        if (payload.size() < HEADER_BYTES) {
            return null;
        }
        ByteBuffer bytes = payload.asByteBuffer();
        long index = bytes.getLong();
        long nonce = bytes.getLong();
        long sequence = bytes.getLong();
        long lowest = bytes.getLong();
        if (index < 1 || lowest < 1 || sequence < lowest) {
            return null;
        }
        return new SessionCommand(
                new SessionId(index, nonce), sequence, lowest, payload.from(HEADER_BYTES));
    }
}
