package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.StorageException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Rebuilds the replicas from the log's records, and refuses records that no correct writer can have
 * written.
 */
final class Replay {
    private final NodeId node;
    private final Replicas replicas;
    private final CRC32C crc = new CRC32C();
    private final long firstSegment;
    private final TreeSet<Long> checkpoints = new TreeSet<>();

    /**
     * @param firstSegment where the log begins; those before it were freed
     */
    Replay(NodeId node, Replicas replicas, long firstSegment) {
        this.node = node;
        this.replicas = replicas;
        this.firstSegment = firstSegment;
    }

    /** The segments that begin with a whole checkpoint. */
    NavigableSet<Long> checkpoints() {
        return checkpoints;
    }

    /** What is missing, since it stood in segments before the first; null when nothing is. */
    @Nullable String lost() {
        if (firstSegment > 1 && !checkpoints.contains(firstSegment)) {
            return "doesn't begin with all that is to be known of the replicas";
        }
        for (ReplicaLog replica : replicas.sorted()) {
            if (replica.index().misses()) {
                return "the log of group '"
                        + replica.group()
                        + "' has entries before that, from "
                        + replica.index().base()
                        + " on";
            }
        }
        return null;
    }

    /**
     * @param data the batch's data, all of it
     * @param atBlock where it begins in the segment
     */
    void batch(BatchHead batch, ByteBuffer data, Segment segment, int atBlock)
            throws Damage, StorageException {
        try {
            records(batch, data, segment, atBlock * Blocks.DATA_BYTES);
        } catch (BufferUnderflowException
                | IndexOutOfBoundsException
                | IllegalArgumentException e) {
            throw new Damage("a record of this batch makes no sense (" + e + ")");
        }
    }

    private void records(BatchHead batch, ByteBuffer data, Segment segment, int dataBase)
            throws Damage, StorageException {
        BatchDirectory.Cursor directory = new BatchDirectory.Cursor(batch.directory(data));
        int end = BatchHead.BYTES + batch.recordBytes();
        int at = BatchHead.BYTES;
        for (int i = 0; i < batch.records(); i++) {
            ByteBuffer record = data.slice(at, end - at);
            RecordHead head = RecordHead.read(record);
            if (!head.isSame(directory.next())) {
                throw new Damage(
                        "record " + (i + 1) + " isn't what the batch's directory says: " + head);
            }
            if (head.checksum() != checksum(record.limit(head.length()))) {
                throw new Damage("record " + (i + 1) + " fails its checksum: " + head);
            }
            long place = Place.of(segment.sequence(), dataBase + at);
            record(head, record, place);
            if (head.kind() == RecordKind.CHECKPOINT_END) {
                checkpoints.add(segment.sequence());
            }
            at += head.length();
        }
        if (at != end || directory.hasNext()) {
            throw new Damage(
                    "the batch has more than the " + batch.records() + " records that it counts");
        }
    }

    private void record(RecordHead head, ByteBuffer body, long place)
            throws Damage, StorageException {
        switch (head.kind()) {
            case REPLICA -> replica(head, body);
            case FOUNDING -> known(head).setFounding(Bodies.founding(body));
            case HARD_STATE -> {
                HardState next = new HardState(head.term(), Bodies.vote(body), body.getLong());
                ReplicaLog replica = known(head);
                demand(ReplicaLog.refusal(replica.hardState(), next));
                replica.setHardState(next);
            }
            case TRUNCATE -> {
                demand(known(head).refusal(head.index()));
                known(head).truncate(head.index());
            }
            case BASE -> {
                ReplicaLog replica = known(head);
                LogPosition base = new LogPosition(head.term(), head.index());
                demand(replica.refusal(replica.index().last(), base));
                replica.moveBase(base);
            }
            case ENTRY -> entry(head, body, place);
            case CHECKPOINT_END ->
                    demand(
                            head.index() == replicas.size()
                                    ? null
                                    : "the checkpoint lists "
                                            + head.index()
                                            + " replicas of "
                                            + replicas.size());
        }
        if (head.kind() != RecordKind.ENTRY && body.hasRemaining()) {
            throw new Damage(body.remaining() + " bytes too many in " + head);
        }
    }

    private void replica(RecordHead head, ByteBuffer body) throws Damage {
        UUID incarnation = Bodies.uuid(body);
        LogPosition base = Bodies.position(body);
        LogPosition last = new LogPosition(head.term(), head.index());
        List<LogPosition> terms = terms(body, base, last);
        long lastTimestampMillis = body.getLong();
        GroupId group = GroupId.of(Bodies.name(body));
        demand(
                group.key() == head.group()
                        ? null
                        : "group '" + group + "' doesn't have the key of " + head);
        ReplicaLog replica = replicas.find(head.group());
        if (replica == null) {
            replica =
                    new ReplicaLog(
                            group,
                            new ReplicaId(node, incarnation),
                            firstSegment > 1 && !checkpoints.contains(firstSegment)
                                    ? new EntryIndex(base, terms, last, replicas.live())
                                    : new EntryIndex(base, replicas.live()));
            replica.sawTimestamp(lastTimestampMillis);
            replicas.add(replica);
        }
        String said = ReplicaLog.summary(incarnation, base, terms, last, lastTimestampMillis);
        if (!said.equals(replica.summary())) {
            throw new Damage(
                    "group '"
                            + group
                            + "' is said to be "
                            + said
                            + "; read before was "
                            + replica.summary());
        }
    }

    /**
     * The positions of the first entry of each term, which lead from the base to the last entry.
     */
    private static List<LogPosition> terms(ByteBuffer body, LogPosition base, LogPosition last)
            throws Damage {
        int count = body.getInt();
        List<LogPosition> terms = new ArrayList<>();
        LogPosition before = base;
        for (int i = 0; i < count; i++) {
            LogPosition first = Bodies.position(body);
            boolean follows =
                    i == 0
                            ? first.index() == base.index() + 1 && first.term() >= base.term()
                            : first.index() > before.index() && first.term() > before.term();
            demand(follows ? null : first + " can't follow " + before + " in a replica record");
            terms.add(first);
            before = first;
        }
        boolean ends =
                count == 0
                        ? last.equals(base)
                        : before.term() == last.term() && before.index() <= last.index();
        demand(ends ? null : "a log with terms from " + terms + " can't end at " + last);
        return terms;
    }

    private void entry(RecordHead head, ByteBuffer body, long place)
            throws Damage, StorageException {
        ReplicaLog replica = known(head);
        // An entry that the log holds already, the same by Log Matching, was written forward.
        boolean copy = replica.index().contains(head.term(), head.index());
        if (!copy) {
            demand(
                    ReplicaLog.refusal(
                            replica.index().last(),
                            replica.hardState(),
                            head.term(),
                            head.index()));
        }
        int code = body.get();
        long timestampMillis = body.getLong();
        replica.sawTimestamp(timestampMillis);
        EntryKind kind;
        try {
            kind = EntryKind.ofCode(code);
        } catch (IllegalArgumentException e) {
            throw new StorageException(
                    new Fault(
                            Fault.Code.INCOMPATIBLE_VERSION,
                            "entry "
                                    + head.term()
                                    + ":"
                                    + head.index()
                                    + " of group '"
                                    + replica.group()
                                    + "': "
                                    + e.getMessage()
                                    + ". Nothing was changed. Open it with the version that wrote it."),
                    e);
        }
        if (copy) {
            replica.index().relocate(head.index(), place, head.length());
        } else {
            replica.index().add(head.term(), place, head.length());
        }
        if (kind == EntryKind.CONFIGURATION) {
            byte[] payload = new byte[body.remaining()];
            body.get(payload);
            replica.saw(
                    new Entry(
                            head.term(),
                            head.index(),
                            kind,
                            timestampMillis,
                            Payload.wrap(payload)));
        }
    }

    private ReplicaLog known(RecordHead head) throws Damage {
        ReplicaLog replica = replicas.find(head.group());
        if (replica == null) {
            throw new Damage("no replica record came before " + head);
        }
        return replica;
    }

    private static void demand(@Nullable String refusal) throws Damage {
        if (refusal != null) {
            throw new Damage(refusal);
        }
    }

    private int checksum(ByteBuffer record) {
        ByteBuffer bytes = record.duplicate().position(0);
        crc.reset();
        crc.update(bytes.limit(RecordHead.CHECKSUM_AT));
        crc.update(bytes.limit(record.limit()).position(RecordHead.KIND_AT));
        return (int) crc.getValue();
    }
}
