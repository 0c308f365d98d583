package dev.lockstep.raft.applied;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.StateHash;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All that a replica keeps beside its state machine about the entries that it applied: sessions,
 * and the hash of the log. A section of every snapshot.
 *
 * <p>Not thread-safe: it belongs to the loop that applies.
 */
public final class AppliedState {
    private static final byte FORMAT = 1;
    private static final int HEADER_BYTES = 1 + 8 + 8;

    private final SessionTable sessions = new SessionTable();
    private final LogHash log = new LogHash();
    private long index;

    /**
     * Applies one committed entry, the one after the last.
     *
     * @param machine runs a command on the user's state machine; what it throws comes out of here,
     *     and then nothing may be applied any more
     * @return what whoever proposed the entry is answered; null when nobody proposes such entries
     */
    public @Nullable Payload apply(Entry entry, UnaryOperator<Payload> machine) {
        assert entry.index() > index : entry + " applied after " + index;
        log.fold(entry);
        index = entry.index();
        sessions.pass(entry.timestampMillis());
        return switch (entry.kind()) {
            case COMMAND -> machine.apply(entry.payload());
            case SESSION_COMMAND -> sessions.apply(entry, machine);
            case SESSION -> sessions.change(entry);
            case NO_OP, CONFIGURATION, COMPARE_STATE -> null;
            case POSITION -> throw new IllegalStateException(entry + " has no payload to apply");
        };
    }

    /** The index of the last entry applied. */
    public long index() {
        return index;
    }

    /**
     * Whether an entry that ends idle sessions is wanted at {@code wallMillis}: one may have been
     * unused for so long, or their time runs no further without an entry.
     */
    public boolean needsExpiry(long wallMillis, long idleMillis) {
        return sessions.needsEntry(wallMillis, idleMillis);
    }

    public int sessions() {
        return sessions.size();
    }

    /**
     * What this replica has made of the log so far.
     *
     * @param machine the state machine's own hash, if it has one
     */
    public StateHash hash(OptionalLong machine) {
        return new StateHash(
                index, log.value(), sessions.hash(), machine.isPresent(), machine.orElse(0));
    }

    /** For a snapshot at {@link #index}; equal states have equal bytes. */
    public Payload save() {
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.toIntExact(HEADER_BYTES + sessions.sizeBytes()));
        bytes.put(FORMAT).putLong(index).putLong(log.value());
        sessions.writeTo(bytes);
        return Payload.wrap(bytes.array());
    }

    /**
     * Becomes what {@link #save} wrote.
     *
     * @throws IllegalArgumentException for other bytes; then this must not be used any more
     */
    public void restore(Payload saved) {
        ByteBuffer bytes = saved.asByteBuffer();
        try {
            byte format = bytes.get();
            if (format != FORMAT) {
                throw new IllegalArgumentException(
                        "the sessions are saved in format " + format + ", known is " + FORMAT);
            }
            index = bytes.getLong();
            log.restore(bytes.getLong());
            sessions.readFrom(bytes);
        } catch (BufferUnderflowException | NegativeArraySizeException e) {
            throw new IllegalArgumentException("the saved sessions end too early", e);
        }
        if (bytes.hasRemaining()) {
            throw new IllegalArgumentException(
                    bytes.remaining() + " bytes follow the saved sessions");
        }
    }
}
