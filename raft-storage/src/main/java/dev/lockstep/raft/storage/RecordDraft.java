package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The record that is being written: one object, filled again and again. Head and body are laid out
 * here; a payload stays where it is until it is copied into the batch.
 */
final class RecordDraft {
    /** Head and body of an entry without its payload. */
    static final int ENTRY_OVERHEAD_BYTES = RecordHead.BYTES + 1 + Long.BYTES;

    /** In the term of a checkpoint's end: it was written by a recovery that found damage. */
    static final long AFTER_DAMAGE = 1;

    /** In the term of a checkpoint's end: groups may have lived here of which nothing is left. */
    static final long GROUPS_LOST = 2;

    /** More than a replica record without terms needs. */
    private static final int REPLICA_BYTES = 512;

    private final CRC32C crc = new CRC32C();
    private ByteBuffer bytes = ByteBuffer.allocate(1024);
    private Payload payload = Payload.EMPTY;
    private RecordKind kind = RecordKind.CHECKPOINT_END;
    private long group;
    private long term;
    private long index;
    private int checksum;

    RecordDraft replica(ReplicaLog replica) {
        LogPosition last = replica.index().last();
        List<LogPosition> terms = replica.index().terms();
        reserve(REPLICA_BYTES + BeganAnew.MOST_BYTES + 2 * Long.BYTES * terms.size());
        begin(RecordKind.REPLICA, replica.key(), last.term(), last.index());
        Bodies.putUuid(bytes, replica.id().incarnation());
        Bodies.putPosition(bytes, replica.index().base());
        bytes.putInt(terms.size());
        for (LogPosition first : terms) {
            Bodies.putPosition(bytes, first);
        }
        bytes.putLong(replica.lastTimestampMillis());
        Bodies.putName(bytes, replica.group().name());
        BeganAnew.put(bytes, replica.beganAnew());
        return finish(Payload.EMPTY);
    }

    RecordDraft founding(long key, Founding founding) {
        reserve(RecordHead.BYTES + Bodies.foundingBytes(founding));
        begin(RecordKind.FOUNDING, key, 0, 0);
        Bodies.putFounding(bytes, founding);
        return finish(Payload.EMPTY);
    }

    RecordDraft hardState(long key, HardState hardState) {
        begin(RecordKind.HARD_STATE, key, hardState.term(), 0);
        Bodies.putVote(bytes, hardState.vote());
        bytes.putLong(hardState.longestPromiseNanos());
        return finish(Payload.EMPTY);
    }

    RecordDraft truncation(long key, long from) {
        begin(RecordKind.TRUNCATE, key, 0, from);
        return finish(Payload.EMPTY);
    }

    RecordDraft entry(long key, Entry entry) {
        begin(RecordKind.ENTRY, key, entry.term(), entry.index());
        bytes.put(entry.kind().code()).putLong(entry.timestampMillis());
        return finish(entry.payload());
    }

    RecordDraft base(long key, LogPosition base) {
        begin(RecordKind.BASE, key, base.term(), base.index());
        return finish(Payload.EMPTY);
    }

    /** All that is known of a group. */
    RecordDraft lost(long key, long keptUpTo) {
        begin(RecordKind.LOST, key, 0, keptUpTo);
        return finish(Payload.EMPTY);
    }

    RecordDraft checkpointEnd(int replicas, long flags) {
        begin(RecordKind.CHECKPOINT_END, 0, flags, replicas);
        return finish(Payload.EMPTY);
    }

    int length() {
        return bytes.limit() + payload.size();
    }

    int checksum() {
        return checksum;
    }

    RecordKind kind() {
        return kind;
    }

    long group() {
        return group;
    }

    long term() {
        return term;
    }

    long index() {
        return index;
    }

    void writeTo(Blocks target, int dataAt) {
        bytes.position(0);
        target.put(dataAt, bytes);
        target.put(dataAt + bytes.limit(), payload);
    }

    private void begin(RecordKind newKind, long newGroup, long newTerm, long newIndex) {
        kind = newKind;
        group = newGroup;
        term = newTerm;
        index = newIndex;
        bytes.clear().position(RecordHead.KIND_AT);
        bytes.put(newKind.code()).putLong(newGroup).putLong(newTerm).putLong(newIndex);
    }

    private RecordDraft finish(Payload newPayload) {
        payload = newPayload;
        bytes.flip();
        bytes.putInt(0, length());
        crc.reset();
        crc.update(bytes.array(), 0, RecordHead.CHECKSUM_AT);
        crc.update(bytes.array(), RecordHead.KIND_AT, bytes.limit() - RecordHead.KIND_AT);
        payload.addTo(crc);
        checksum = (int) crc.getValue();
        bytes.putInt(RecordHead.CHECKSUM_AT, checksum);
        return this;
    }

    private void reserve(int size) {
        if (bytes.capacity() < size) {
            bytes = ByteBuffer.allocate(size);
        }
    }
}
