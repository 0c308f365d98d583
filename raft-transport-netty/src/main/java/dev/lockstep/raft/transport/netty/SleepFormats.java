package dev.lockstep.raft.transport.netty;

import static com.google.protobuf.WireFormat.WIRETYPE_FIXED64;
import static com.google.protobuf.WireFormat.WIRETYPE_LENGTH_DELIMITED;
import static com.google.protobuf.WireFormat.WIRETYPE_VARINT;
import static dev.lockstep.raft.transport.netty.AppendEntriesFormat.position;

import dev.lockstep.raft.message.HostAnswer;
import dev.lockstep.raft.message.HostQuestion;
import dev.lockstep.raft.message.LeaderClaim;
import dev.lockstep.raft.message.RequestSleep;
import dev.lockstep.raft.message.SleepReply;
import dev.lockstep.raft.model.Payload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The messages by which groups fall asleep, and by which hosts vouch for those that do. */
final class SleepFormats {
    private SleepFormats() {}

    static void addTo(MessageFormats formats) {
        formats.flat(
                45,
                RequestSleep.class,
                MessageFormats.varints(4),
                (m, out) -> {
                    out.varint(1, m.term());
                    out.varint(2, m.last().term());
                    out.varint(3, m.last().index());
                    out.varint(4, m.attempt());
                },
                in ->
                        new RequestSleep(
                                in.number(1), position(in.number(2), in.number(3)), in.number(4)));
        formats.flat(
                46,
                SleepReply.class,
                MessageFormats.varints(3),
                (m, out) -> {
                    out.varint(1, m.term());
                    out.varint(2, m.attempt());
                    out.bool(3, m.asleep());
                },
                in -> new SleepReply(in.number(1), in.number(2), in.flag(3)));
        formats.flat(
                47,
                HostQuestion.class,
                new Fields(WIRETYPE_LENGTH_DELIMITED),
                (m, out) -> out.payload(1, claims(m.claims())),
                in -> new HostQuestion(claims(in.payload())));
        formats.flat(
                48,
                HostAnswer.class,
                new Fields(WIRETYPE_VARINT, WIRETYPE_FIXED64, WIRETYPE_LENGTH_DELIMITED),
                (m, out) -> {
                    out.varint(1, m.boot());
                    out.fixed64(2, m.bootNonce());
                    out.payload(3, claims(m.wrong()));
                },
                in -> new HostAnswer(in.number(1), in.number(2), claims(in.payload())));
    }

    /** As packed fixed64: group and term of each, in turns. */
    private static Payload claims(List<LeaderClaim> claims) {
        ByteBuffer packed =
                ByteBuffer.allocate(claims.size() * 2 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < claims.size(); i++) {
            packed.putLong(claims.get(i).group()).putLong(claims.get(i).term());
        }
        return Payload.copyOf(packed.array());
    }

    private static List<LeaderClaim> claims(Payload packed) {
        if (packed.size() % (2 * Long.BYTES) != 0) {
            throw new IllegalArgumentException(
                    "claims of leadership are pairs of 8 bytes each: " + packed.size());
        }
        ByteBuffer bytes = packed.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        List<LeaderClaim> claims = new ArrayList<>(packed.size() / (2 * Long.BYTES));
        while (bytes.hasRemaining()) {
            claims.add(new LeaderClaim(bytes.getLong(), bytes.getLong()));
        }
        return claims;
    }
}
