package dev.lockstep.raft.transport.netty;

import static com.google.protobuf.WireFormat.WIRETYPE_FIXED64;
import static com.google.protobuf.WireFormat.WIRETYPE_LENGTH_DELIMITED;
import static com.google.protobuf.WireFormat.WIRETYPE_VARINT;
import static dev.lockstep.raft.transport.netty.AppendEntriesFormat.position;

import dev.lockstep.raft.message.FetchSnapshot;
import dev.lockstep.raft.message.InstallPosition;
import dev.lockstep.raft.message.InstallSnapshot;
import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The messages of a snapshot's transfer. */
final class SnapshotFormats {
    private SnapshotFormats() {}

    static void addTo(MessageFormats formats) {
        formats.flat(
                25,
                InstallSnapshot.class,
                new Fields(
                        WIRETYPE_VARINT,
                        WIRETYPE_VARINT,
                        WIRETYPE_VARINT,
                        WIRETYPE_VARINT,
                        WIRETYPE_FIXED64,
                        WIRETYPE_FIXED64,
                        WIRETYPE_LENGTH_DELIMITED),
                (m, out) -> {
                    UUID source = m.source().incarnation();
                    out.varint(1, m.term());
                    out.varint(2, m.position().term());
                    out.varint(3, m.position().index());
                    out.varint(4, m.base());
                    out.fixed64(5, source.getMostSignificantBits());
                    out.fixed64(6, source.getLeastSignificantBits());
                    out.payload(7, Payload.of(m.source().node().value()));
                },
                in ->
                        new InstallSnapshot(
                                in.number(1),
                                position(in.number(2), in.number(3)),
                                in.number(4),
                                new ReplicaId(
                                        NodeId.of(in.payload().asString()),
                                        new UUID(in.number(5), in.number(6)))));
        formats.flat(
                26,
                FetchSnapshot.class,
                MessageFormats.varints(6),
                (m, out) -> {
                    out.varint(1, m.atLeast());
                    put(2, m.id(), out);
                    out.varint(6, m.offset());
                },
                in -> new FetchSnapshot(in.number(1), id(2, in), in.number(6)));
        formats.flat(
                27,
                SnapshotChunk.class,
                new Fields(
                        WIRETYPE_VARINT,
                        WIRETYPE_VARINT,
                        WIRETYPE_VARINT,
                        WIRETYPE_VARINT,
                        WIRETYPE_VARINT,
                        WIRETYPE_LENGTH_DELIMITED),
                (m, out) -> {
                    put(1, m.id(), out);
                    out.varint(5, m.offset());
                    out.payload(6, m.bytes());
                },
                in -> new SnapshotChunk(id(1, in), in.number(5), in.payload()));
        addPosition(formats);
    }

    private static void addPosition(MessageFormats formats) {
        formats.flat(
                28,
                InstallPosition.class,
                new Fields(
                        WIRETYPE_VARINT,
                        WIRETYPE_VARINT,
                        WIRETYPE_VARINT,
                        WIRETYPE_VARINT,
                        WIRETYPE_VARINT,
                        WIRETYPE_LENGTH_DELIMITED),
                (m, out) -> {
                    out.varint(1, m.term());
                    out.varint(2, m.meta().position().term());
                    out.varint(3, m.meta().position().index());
                    out.varint(4, m.meta().configurationIndex());
                    out.varint(5, m.meta().timestampMillis());
                    out.payload(6, MembershipFormat.encode(m.meta().membership()));
                },
                in ->
                        new InstallPosition(
                                in.number(1),
                                new SnapshotMeta(
                                        position(in.number(2), in.number(3)),
                                        in.number(4),
                                        MembershipFormat.decode(in.payload()),
                                        in.number(5))));
    }

    /** Four fields; nothing for none. */
    private static void put(int field, @Nullable SnapshotId id, FieldSink out) {
        if (id != null) {
            out.varint(field, id.position().term());
            out.varint(field + 1, id.position().index());
            out.varint(field + 2, id.bytes());
            out.varint(field + 3, Integer.toUnsignedLong(id.checksum()));
        }
    }

    private static @Nullable SnapshotId id(int field, Fields in) {
        if (in.number(field + 2) == 0) {
            return null;
        }
        return new SnapshotId(
                position(in.number(field), in.number(field + 1)),
                in.number(field + 2),
                (int) in.number(field + 3));
    }
}
