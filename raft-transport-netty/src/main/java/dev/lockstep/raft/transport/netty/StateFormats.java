package dev.lockstep.raft.transport.netty;

import static com.google.protobuf.WireFormat.WIRETYPE_FIXED64;
import static com.google.protobuf.WireFormat.WIRETYPE_VARINT;

import dev.lockstep.raft.message.StateReport;
import dev.lockstep.raft.message.StateVerdict;
import dev.lockstep.raft.model.StateHash;

/** The messages by which replicas compare what they made of the log. */
final class StateFormats {
    private static final StateHash.Part[] PARTS = {
        null, // by code, which starts at 1
        StateHash.Part.LOG,
        StateHash.Part.SESSIONS,
        StateHash.Part.MACHINE
    };

    private StateFormats() {}

    static MessageFormat<StateReport> report() {
        return new MessageFormat.Flat<>(
                new Fields(
                        WIRETYPE_VARINT,
                        WIRETYPE_VARINT,
                        WIRETYPE_FIXED64,
                        WIRETYPE_FIXED64,
                        WIRETYPE_VARINT,
                        WIRETYPE_FIXED64),
                (m, out) -> {
                    out.varint(1, m.term());
                    write(m.hash(), out);
                },
                in -> new StateReport(in.number(1), read(in)));
    }

    static MessageFormat<StateVerdict> verdict() {
        return new MessageFormat.Flat<>(
                new Fields(
                        WIRETYPE_VARINT,
                        WIRETYPE_VARINT,
                        WIRETYPE_FIXED64,
                        WIRETYPE_FIXED64,
                        WIRETYPE_VARINT,
                        WIRETYPE_FIXED64,
                        WIRETYPE_VARINT),
                (m, out) -> {
                    out.varint(1, m.term());
                    write(m.agreed(), out);
                    out.varint(7, code(m.part()));
                },
                in -> new StateVerdict(in.number(1), part(in.number(7)), read(in)));
    }

    private static void write(StateHash hash, FieldSink out) {
        out.varint(2, hash.index());
        out.fixed64(3, hash.log());
        out.fixed64(4, hash.sessions());
        out.bool(5, hash.offered());
        out.fixed64(6, hash.machine());
    }

    private static StateHash read(Fields in) {
        return new StateHash(in.number(2), in.number(3), in.number(4), in.flag(5), in.number(6));
    }

    private static int code(StateHash.Part part) {
        return switch (part) {
            case LOG -> 1;
            case SESSIONS -> 2;
            case MACHINE -> 3;
        };
    }

    private static StateHash.Part part(long code) throws UnknownContent {
        if (code < 1 || code >= PARTS.length) {
            throw new UnknownContent("a verdict on part " + code + " of a state");
        }
        return PARTS[(int) code];
    }
}
