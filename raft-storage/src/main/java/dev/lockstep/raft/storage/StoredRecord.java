package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.Payload;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One record of a log, whole.
 *
 * @param file the file that holds it
 * @param offset where in the file it begins
 * @param batch the number of its batch
 * @param kind its kind, such as {@code ENTRY}
 * @param group the group's key; 0 where no group is meant
 * @param term as {@code docs/disk-format.md} says for its kind
 * @param index as {@code docs/disk-format.md} says for its kind
 * @param bytes of the whole record
 * @param checksum CRC-32C of the record
 * @param body what follows its head
 */
public record StoredRecord(
        String file,
        long offset,
        long batch,
        String kind,
        long group,
        long term,
        long index,
        int bytes,
        int checksum,
        Payload body) {
    private static final int ENTRY_HEAD_BYTES = 1 + Long.BYTES;

    /** The name of its group, which only a record of kind REPLICA tells; null for others. */
    public @Nullable GroupId named() {
        if (!kind.equals(RecordKind.REPLICA.name())) {
            return null;
        }
        try {
            ByteBuffer bytes = body.asByteBuffer();
            skipToName(bytes);
            return GroupId.of(Bodies.name(bytes));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return null;
        }
    }

    /** The payload of an entry; none for other records. */
    public Payload payload() {
        return kind.equals(RecordKind.ENTRY.name()) && body.size() >= ENTRY_HEAD_BYTES
                ? body.from(ENTRY_HEAD_BYTES)
                : Payload.EMPTY;
    }

    /** What its body says, in words. */
    public String says() {
        try {
            ByteBuffer bytes = body.asByteBuffer();
            return switch (RecordKind.valueOf(kind)) {
                case REPLICA -> {
                    String incarnation = "incarnation " + Bodies.uuid(bytes);
                    yield incarnation + ", log behind " + Bodies.position(bytes);
                }
                case FOUNDING -> Bodies.founding(bytes).toString();
                case HARD_STATE ->
                        "vote "
                                + Bodies.vote(bytes)
                                + ", longest promise "
                                + bytes.getLong()
                                + " ns";
                case ENTRY -> entry(bytes);
                default -> "";
            };
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return "its body makes no sense (" + e + ")";
        }
    }

    private static String entry(ByteBuffer bytes) {
        int code = bytes.get();
        String time = Instant.ofEpochMilli(bytes.getLong()).toString();
        String name;
        try {
            name = EntryKind.ofCode(code).name();
        } catch (IllegalArgumentException e) {
            name = "kind " + code;
        }
        return name + " of " + time + ", payload " + bytes.remaining() + " bytes";
    }

    private static void skipToName(ByteBuffer bytes) {
        Bodies.uuid(bytes);
        Bodies.position(bytes);
        int terms = bytes.getInt();
        if (terms < 0 || terms > bytes.remaining() / (2 * Long.BYTES)) {
            throw new BufferUnderflowException();
        }
        bytes.position(bytes.position() + terms * 2 * Long.BYTES + Long.BYTES);
    }
}
