package dev.lockstep.raft.transport.netty;

import static com.google.protobuf.WireFormat.WIRETYPE_LENGTH_DELIMITED;
import static com.google.protobuf.WireFormat.WIRETYPE_VARINT;
import static dev.lockstep.raft.transport.netty.AppendEntriesFormat.position;

import dev.lockstep.raft.message.EntryCopy;
import dev.lockstep.raft.message.FetchEntry;
import dev.lockstep.raft.model.Entry;

/** The formats of what repairs a damaged log. */
final class RepairFormats {
    private RepairFormats() {}

    static void addTo(MessageFormats formats) {
        formats.flat(
                40,
                FetchEntry.class,
                MessageFormats.varints(2),
                (m, out) -> {
                    out.varint(1, m.position().term());
                    out.varint(2, m.position().index());
                },
                in -> new FetchEntry(position(in.number(1), in.number(2))));
        formats.flat(
                41,
                EntryCopy.class,
                new Fields(
                        WIRETYPE_VARINT,
                        WIRETYPE_VARINT,
                        WIRETYPE_VARINT,
                        WIRETYPE_VARINT,
                        WIRETYPE_LENGTH_DELIMITED),
                (m, out) -> AppendEntriesFormat.writeEntry(m.entry(), out),
                in ->
                        new EntryCopy(
                                new Entry(
                                        in.number(1),
                                        in.number(2),
                                        AppendEntriesFormat.kind(in.number(3)),
                                        in.number(4),
                                        in.payload())));
    }
}
